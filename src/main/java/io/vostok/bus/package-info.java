/** Bells and batches that travel between event loops. */
@NullMarked
package io.vostok.bus;

import org.jspecify.annotations.NullMarked;
