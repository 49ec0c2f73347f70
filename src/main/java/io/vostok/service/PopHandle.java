package io.vostok.service;

import io.vostok.broker.pop.PopReceipt;

/**
 * What a consumer shows to speak of a message that it popped; nothing in it is checked yet.
 *
 * @param topic as stored: the retry topic when the receipt says so
 */
public record PopHandle(String group, String topic, int queueId, long offset, PopReceipt receipt) {}
