/** Rules of consumer offsets and queue boundaries. Pure. */
@NullMarked
package io.vostok.broker.offset;

import org.jspecify.annotations.NullMarked;
