/** Clocks: the only place where the machine's time is read. Any thread. */
@NullMarked
package io.vostok.time;

import org.jspecify.annotations.NullMarked;
