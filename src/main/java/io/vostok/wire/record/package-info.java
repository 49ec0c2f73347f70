/** The layout of a message record, which the commit log and the pull answers share. Any thread. */
@NullMarked
package io.vostok.wire.record;

import org.jspecify.annotations.NullMarked;
