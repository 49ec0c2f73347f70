package io.vostok.service;

/**
 * The reply to a request.
 *
 * @param correlationId which the two have in common
 * @param request where the request was stored
 * @param properties of the reply, as text
 * @param body as it was sent, which may be compressed as {@code sysFlag} says
 * @param replier who sent it
 */
@SuppressWarnings("ArrayRecordComponent") // made for one answer, compared by nobody
public record RequestReply(
        String correlationId,
        Sent request,
        byte[] properties,
        byte[] body,
        int sysFlag,
        long bornMillis,
        String replier) {}
