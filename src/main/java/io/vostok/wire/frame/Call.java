package io.vostok.wire.frame;

/**
 * What must be remembered of a request to answer it later.
 *
 * @param code the request code
 * @param opaque the requester's correlation number, copied into the answer
 * @param encoding the header encoding of the request, used for the answer
 * @param oneWay true when no answer may be sent
 * @param sinceNanos when the request came, on the monotonic clock
 * @param waited true when its answer is held back until there is something to tell: a long poll
 */
public record Call(int code, int opaque, Encoding encoding, boolean oneWay, long sinceNanos, boolean waited) {
    /** Returns the same call, from now on a long poll. */
    public Call waiting() {
        return new Call(code, opaque, encoding, oneWay, sinceNanos, true);
    }
}
