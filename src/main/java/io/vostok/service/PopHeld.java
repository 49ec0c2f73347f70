package io.vostok.service;

import io.vostok.model.GroupName;
import io.vostok.model.QueueId;

/**
 * What a group has popped of a queue.
 *
 * @param position offset of the next message to pop
 * @param held messages that are neither acked nor come again
 */
public record PopHeld(GroupName group, QueueId queue, long position, int held) {}
