/** What waits for its time: which delayed messages are due and how far each level is delivered. Owned by one thread, the timer's. */
@NullMarked
package io.vostok.store.timer;

import org.jspecify.annotations.NullMarked;
