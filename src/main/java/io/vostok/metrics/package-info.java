/**
 * What the broker does, counted: messages and bytes by topic and group, and what rates follow. Hot paths add to counters of
 * their own thread; whoever asks sums them up.
 */
@NullMarked
package io.vostok.metrics;

import org.jspecify.annotations.NullMarked;
