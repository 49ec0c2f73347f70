/**
 * What pop consumers hold: messages in flight, queues held in order, and how far the revive topic is dealt with. One thread, the
 * pop owner's; derived from the revive topic.
 */
@NullMarked
package io.vostok.store.pop;

import org.jspecify.annotations.NullMarked;
