package io.vostok.service;

import org.jspecify.annotations.Nullable;

/**
 * What a client answered to a request of ours.
 *
 * @param code 0 for success, else what the client's protocol says
 * @param remark words of the client, or null
 */
public record PeerAnswer(int code, @Nullable String remark, byte[] body) {}
