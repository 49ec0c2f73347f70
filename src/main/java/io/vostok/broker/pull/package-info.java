/** Rules of pulling: what is refused, what is read, what waits. Pure. */
@NullMarked
package io.vostok.broker.pull;

import org.jspecify.annotations.NullMarked;
