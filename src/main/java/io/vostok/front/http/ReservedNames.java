package io.vostok.front.http;

import io.vostok.model.MessageProperties;
import java.util.Set;

/** Names of properties that mean something to brokers or clients (Apache's MessageConst): not for users to set. */
final class ReservedNames {
    private static final Set<String> NAMES = Set.of(
            MessageProperties.KEYS,
            MessageProperties.TAGS,
            MessageProperties.WAIT,
            MessageProperties.DELAY,
            MessageProperties.UNIQ_KEY,
            MessageProperties.RETRY_TOPIC,
            MessageProperties.REAL_TOPIC,
            MessageProperties.REAL_QID,
            MessageProperties.ORIGIN_MESSAGE_ID,
            MessageProperties.RECONSUME_TIME,
            MessageProperties.MAX_RECONSUME_TIMES,
            MessageProperties.TRAN_MSG,
            MessageProperties.PGROUP,
            MessageProperties.TRANSACTION_ID,
            MessageProperties.TRAN_PREPARED_QUEUE_OFFSET,
            MessageProperties.TRANSACTION_CHECK_TIMES,
            MessageProperties.CHECK_IMMUNITY_TIME_IN_SECONDS,
            MessageProperties.MIN_OFFSET,
            MessageProperties.MAX_OFFSET,
            MessageProperties.CONSUME_START_TIME,
            MessageProperties.MSG_REGION,
            MessageProperties.TRACE_ON,
            MessageProperties.CLUSTER,
            MessageProperties.MSG_TYPE,
            MessageProperties.CORRELATION_ID,
            MessageProperties.REPLY_TO_CLIENT,
            MessageProperties.TTL,
            MessageProperties.ARRIVE_TIME,
            MessageProperties.PUSH_REPLY_TIME,
            MessageProperties.INSTANCE_ID,
            MessageProperties.POP_CK,
            MessageProperties.POP_CK_OFFSET,
            MessageProperties.FIRST_POP_TIME,
            MessageProperties.SHARDING_KEY,
            MessageProperties.PRIORITY,
            MessageProperties.LITE_TOPIC,
            MessageProperties.BORN_TIMESTAMP,
            MessageProperties.BORN_HOST,
            MessageProperties.DLQ_ORIGIN_TOPIC,
            MessageProperties.DLQ_ORIGIN_MESSAGE_ID,
            MessageProperties.TRACE_CONTEXT,
            MessageProperties.CRC32,
            Draft.CONTENT_TYPE);

    private ReservedNames() {}

    static boolean contains(String name) {
        return NAMES.contains(name)
                || name.startsWith("TIMER_")
                || name.startsWith("INNER_")
                || name.startsWith(MessageProperties.TRANSIENT_PREFIX);
    }
}
