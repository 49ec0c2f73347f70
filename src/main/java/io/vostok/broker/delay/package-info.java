/** Rules of delayed messages: which are parked, where, and where they go when they are due. Pure. */
@NullMarked
package io.vostok.broker.delay;

import org.jspecify.annotations.NullMarked;
