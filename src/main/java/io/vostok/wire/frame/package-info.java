/** Remoting frames: bytes to commands and back, for both header encodings. One reader or builder per event loop. */
@NullMarked
package io.vostok.wire.frame;

import org.jspecify.annotations.NullMarked;
