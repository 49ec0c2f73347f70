/** Topics and consumer groups of this broker and how they come to be. Pure; tables are immutable and replaced whole. */
@NullMarked
package io.vostok.broker.topic;

import org.jspecify.annotations.NullMarked;
