package io.vostok.service;

import io.vostok.store.KeyReader;

/**
 * A question for messages by key.
 *
 * @param topic as the client named it
 * @param maxMessages as the client wishes; the broker bounds it
 * @param beginMillis and {@code endMillis}: range of the store time, both ends included
 */
public record KeyQuery(
        String topic, String key, KeyReader.Kind kind, int maxMessages, long beginMillis, long endMillis) {}
