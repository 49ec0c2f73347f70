/** Durable tables beside the log: topics, groups, consumer offsets, in Apache's JSON form and in a mapped table. */
@NullMarked
package io.vostok.store.meta;

import org.jspecify.annotations.NullMarked;
