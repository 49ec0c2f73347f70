/** Rules of sending: what is refused, what is appended. Pure. */
@NullMarked
package io.vostok.broker.send;

import org.jspecify.annotations.NullMarked;
