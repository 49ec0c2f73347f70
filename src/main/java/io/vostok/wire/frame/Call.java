package io.vostok.wire.frame;

/**
 * What must be remembered of a request to answer it later.
 *
 * @param code the request code
 * @param opaque the requester's correlation number, copied into the answer
 * @param encoding the header encoding of the request, used for the answer
 * @param oneWay true when no answer may be sent
 */
public record Call(int code, int opaque, Encoding encoding, boolean oneWay) {}
