/** The words of the domain as immutable values: names, queues, topics, groups, flags, properties. Any thread. */
@NullMarked
package io.vostok.model;

import org.jspecify.annotations.NullMarked;
