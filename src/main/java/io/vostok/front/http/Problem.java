package io.vostok.front.http;

import io.vertx.core.json.JsonObject;
import io.vostok.broker.Refused;
import io.vostok.service.Registry;
import io.vostok.wire.ResponseCode;
import java.util.Locale;

/**
 * Why a request was not served, as RFC 9457 wants it told.
 *
 * @param status of HTTP
 * @param name of the kind of problem, in words joined by hyphens; the same kind always has the same name
 * @param code what a client of the remoting protocol would have been told
 * @param remark what is wrong, naming the thing that is
 * @param hint what the caller can do about it
 * @param retryAfterSeconds when the same request may succeed; 0 when it will not by waiting
 */
record Problem(int status, String name, int code, String remark, String hint, int retryAfterSeconds) {
    /** Thrown by what reads a request; caught once, at the end of the route. */
    static final class Found extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Problem problem;

        Found(Problem problem) {
            super(problem.remark(), null, false, false);
            this.problem = problem;
        }

        Problem problem() {
            return problem;
        }
    }

    /** The request itself is wrong. */
    static Problem badRequest(String remark) {
        return new Problem(
                400,
                "bad-request",
                ResponseCode.INVALID_PARAMETER,
                remark,
                "see /api/docs for what this operation takes",
                0);
    }

    static Problem notFound(String remark) {
        return new Problem(
                404, "not-found", ResponseCode.QUERY_NOT_FOUND, remark, "see /api/docs for what there is", 0);
    }

    static Problem tooLarge(String remark) {
        return new Problem(
                413,
                "too-large",
                ResponseCode.MESSAGE_ILLEGAL,
                remark,
                "send less at once, or raise http.maxBodyBytes",
                0);
    }

    static Problem busy(String remark) {
        return new Problem(503, "busy", ResponseCode.SYSTEM_BUSY, remark, "send the same request again later", 1);
    }

    static Problem tooMany(String remark, String hint) {
        return new Problem(429, "too-many", ResponseCode.SYSTEM_BUSY, remark, hint, 5);
    }

    static Problem conflict(String remark, String hint) {
        return new Problem(409, "conflict", ResponseCode.SYSTEM_ERROR, remark, hint, 0);
    }

    static Problem forbidden(String remark, String hint) {
        return new Problem(403, "forbidden", ResponseCode.NO_PERMISSION, remark, hint, 0);
    }

    static Problem failed(String remark) {
        return new Problem(
                500, "failed", ResponseCode.SYSTEM_ERROR, remark, "the server's log says more; please report a bug", 0);
    }

    static Problem of(Throwable failure) {
        if (failure instanceof Found found) return found.problem();
        if (failure instanceof Registry.RefusedException refusal) return of(refusal.refused());
        return failed(String.valueOf(failure.getMessage()));
    }

    static Problem of(Refused refused) {
        String words = refused.words();
        return switch (refused.refusal()) {
            case INVALID_ARGUMENT ->
                of(400, refused, ResponseCode.INVALID_PARAMETER, words, "correct the request; see /api/docs", 0);
            case TOPIC_NOT_FOUND ->
                of(404, refused, ResponseCode.TOPIC_NOT_EXIST, words, "create the topic, or correct its name", 0);
            case GROUP_NOT_FOUND ->
                of(
                        404,
                        refused,
                        ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
                        words,
                        "create the group, or correct its name",
                        0);
            case FORBIDDEN ->
                of(403, refused, ResponseCode.NO_PERMISSION, words, "change the permission of what is named", 0);
            case MESSAGE_TOO_LARGE ->
                of(413, refused, ResponseCode.MESSAGE_ILLEGAL, words, "send a smaller message, or raise the limit", 0);
            case MESSAGE_ILLEGAL -> of(422, refused, ResponseCode.MESSAGE_ILLEGAL, words, "correct the message", 0);
            case BUSY -> of(503, refused, ResponseCode.SYSTEM_BUSY, words, "send the same request again later", 1);
            case FLOW_CONTROL ->
                of(429, refused, ResponseCode.FLOW_CONTROL, words, "ask less often, or again in a moment", 1);
            case NOT_WRITABLE ->
                of(
                        503,
                        refused,
                        ResponseCode.SERVICE_NOT_AVAILABLE,
                        words,
                        "an operator must look at the broker's disk",
                        10);
            case FLUSH_TIMEOUT ->
                of(
                        504,
                        refused,
                        ResponseCode.FLUSH_DISK_TIMEOUT,
                        words,
                        "the message is stored; sending again would store it twice",
                        0);
            case ILLEGAL_OPERATION ->
                of(410, refused, ResponseCode.ILLEGAL_OPERATION, words, "it cannot be done any more", 0);
            case SUBSCRIPTION_MALFORMED ->
                of(
                        400,
                        refused,
                        ResponseCode.SUBSCRIPTION_PARSE_FAILED,
                        words,
                        "correct the tag or filter expression",
                        0);
            case SUBSCRIPTION_NOT_FOUND ->
                of(409, refused, ResponseCode.SUBSCRIPTION_NOT_EXIST, words, "subscribe first", 0);
            case SUBSCRIPTION_OUTDATED ->
                of(409, refused, ResponseCode.SUBSCRIPTION_NOT_LATEST, words, "send the same request again", 1);
            case FILTER_NOT_FOUND -> of(409, refused, ResponseCode.FILTER_DATA_NOT_EXIST, words, "subscribe first", 0);
            case NO_OFFSET ->
                of(404, refused, ResponseCode.QUERY_NOT_FOUND, words, "the group has not consumed from there yet", 0);
            case NO_MESSAGE -> of(404, refused, ResponseCode.QUERY_NOT_FOUND, words, "it may be past its retention", 0);
            case NO_MEMBER -> of(404, refused, ResponseCode.SYSTEM_ERROR, words, "start a consumer of the group", 0);
            case NO_ANSWER ->
                of(504, refused, ResponseCode.CONSUME_MSG_TIMEOUT, words, "look at the client, or ask again", 1);
            case NOT_IN_FLIGHT ->
                of(410, refused, ResponseCode.NO_MESSAGE, words, "it was acknowledged, or its time ran out", 0);
            case UNSUPPORTED ->
                of(501, refused, ResponseCode.SYSTEM_ERROR, words, "docs/compatibility.md lists what is built", 0);
            case FAILED -> of(500, refused, ResponseCode.SYSTEM_ERROR, words, "the server's log says more", 0);
        };
    }

    private static Problem of(
            int status, Refused refused, int code, String remark, String hint, int retryAfterSeconds) {
        String name = refused.refusal().name().toLowerCase(Locale.ROOT).replace('_', '-');
        return new Problem(status, name, code, remark, hint, retryAfterSeconds);
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("type", "urn:vostok:problem:" + name)
                .put("title", name.replace('-', ' '))
                .put("status", status)
                .put("detail", remark)
                .put("code", code)
                .put("remark", remark)
                .put("hint", hint);
    }
}
