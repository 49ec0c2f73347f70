package io.vostok.front.remoting;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.service.Registry;
import io.vostok.wire.ResponseCode;

/** What each refusal is on the remoting protocol (remoting reference 3). */
final class Faults {
    private Faults() {}

    static Reply reply(Refused refused) {
        return Reply.error(code(refused.refusal()), refused.words());
    }

    static Reply reply(Throwable failure) {
        if (failure instanceof Registry.RefusedException refusal) return reply(refusal.refused());
        return Reply.error(ResponseCode.SYSTEM_ERROR, String.valueOf(failure.getMessage()));
    }

    static int code(Refusal refusal) {
        return switch (refusal) {
            case INVALID_ARGUMENT -> ResponseCode.INVALID_PARAMETER;
            case TOPIC_NOT_FOUND -> ResponseCode.TOPIC_NOT_EXIST;
            case GROUP_NOT_FOUND -> ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST;
            case FORBIDDEN -> ResponseCode.NO_PERMISSION;
            case MESSAGE_TOO_LARGE, MESSAGE_ILLEGAL -> ResponseCode.MESSAGE_ILLEGAL;
            case BUSY -> ResponseCode.SYSTEM_BUSY;
            case FLOW_CONTROL -> ResponseCode.FLOW_CONTROL;
            case NOT_WRITABLE -> ResponseCode.SERVICE_NOT_AVAILABLE;
            case FLUSH_TIMEOUT -> ResponseCode.FLUSH_DISK_TIMEOUT;
            case SUBSCRIPTION_MALFORMED -> ResponseCode.SUBSCRIPTION_PARSE_FAILED;
            case SUBSCRIPTION_NOT_FOUND -> ResponseCode.SUBSCRIPTION_NOT_EXIST;
            case SUBSCRIPTION_OUTDATED -> ResponseCode.SUBSCRIPTION_NOT_LATEST;
            case FILTER_NOT_FOUND -> ResponseCode.FILTER_DATA_NOT_EXIST;
            case ILLEGAL_OPERATION -> ResponseCode.ILLEGAL_OPERATION;
            case NO_OFFSET -> ResponseCode.QUERY_NOT_FOUND;
            case NO_MESSAGE -> ResponseCode.QUERY_NOT_FOUND;
            case NO_ANSWER -> ResponseCode.CONSUME_MSG_TIMEOUT;
            case NOT_IN_FLIGHT -> ResponseCode.NO_MESSAGE;
            case NO_MEMBER, UNSUPPORTED, FAILED -> ResponseCode.SYSTEM_ERROR;
        };
    }
}
