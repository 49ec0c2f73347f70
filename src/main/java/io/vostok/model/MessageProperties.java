package io.vostok.model;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The properties text of a message (remoting reference 4.3): UTF-8 entries {@code key 0x01 value}, each ended by 0x02, which
 * the last may lack. Of two entries with the same key the later counts; entries without 0x01, or with an empty key or
 * value, are skipped. Also the names that mean something to a broker. Any thread.
 */
public final class MessageProperties {
    /** Stands between key and value. */
    public static final byte NAME_VALUE_SEPARATOR = 1;
    /** Stands after each property. */
    public static final byte PROPERTY_SEPARATOR = 2;
    /** The text's length is an int16 in the record. */
    public static final int LARGEST_BYTES = Short.MAX_VALUE;

    /** Keys of the index, separated by one space. */
    public static final String KEYS = "KEYS";
    /** The tag. */
    public static final String TAGS = "TAGS";
    /** Whether the sender waits for the store's promise. */
    public static final String WAIT = "WAIT";
    /** The delay level, 1 to 18. */
    public static final String DELAY = "DELAY";
    /** The id the client gave. */
    public static final String UNIQ_KEY = "UNIQ_KEY";
    /** The topic a retried message had first. */
    public static final String RETRY_TOPIC = "RETRY_TOPIC";
    /** The topic a parked message goes to. */
    public static final String REAL_TOPIC = "REAL_TOPIC";
    /** The queue a parked message goes to. */
    public static final String REAL_QID = "REAL_QID";

    public static final String ORIGIN_MESSAGE_ID = "ORIGIN_MESSAGE_ID";
    public static final String RECONSUME_TIME = "RECONSUME_TIME";
    public static final String MAX_RECONSUME_TIMES = "MAX_RECONSUME_TIMES";
    public static final String TRAN_MSG = "TRAN_MSG";
    public static final String PGROUP = "PGROUP";
    public static final String TRANSACTION_ID = "__transactionId__";
    public static final String TRAN_PREPARED_QUEUE_OFFSET = "TRAN_PREPARED_QUEUE_OFFSET";
    public static final String TRANSACTION_CHECK_TIMES = "TRANSACTION_CHECK_TIMES";
    public static final String CHECK_IMMUNITY_TIME_IN_SECONDS = "CHECK_IMMUNITY_TIME_IN_SECONDS";
    public static final String MIN_OFFSET = "MIN_OFFSET";
    public static final String MAX_OFFSET = "MAX_OFFSET";
    public static final String CONSUME_START_TIME = "CONSUME_START_TIME";
    public static final String MSG_REGION = "MSG_REGION";
    public static final String TRACE_ON = "TRACE_ON";
    public static final String CLUSTER = "CLUSTER";
    public static final String MSG_TYPE = "MSG_TYPE";
    public static final String CORRELATION_ID = "CORRELATION_ID";
    public static final String REPLY_TO_CLIENT = "REPLY_TO_CLIENT";
    public static final String TTL = "TTL";
    public static final String ARRIVE_TIME = "ARRIVE_TIME";
    public static final String PUSH_REPLY_TIME = "PUSH_REPLY_TIME";
    public static final String INSTANCE_ID = "INSTANCE_ID";
    public static final String TIMER_DELAY_SEC = "TIMER_DELAY_SEC";
    public static final String TIMER_DELAY_MS = "TIMER_DELAY_MS";
    public static final String TIMER_DELIVER_MS = "TIMER_DELIVER_MS";
    public static final String TIMER_OUT_MS = "TIMER_OUT_MS";
    public static final String TIMER_ENQUEUE_MS = "TIMER_ENQUEUE_MS";
    public static final String TIMER_DEQUEUE_MS = "TIMER_DEQUEUE_MS";
    public static final String TIMER_ROLL_TIMES = "TIMER_ROLL_TIMES";
    public static final String TIMER_ROLL_LABEL = "TIMER_ROLL_LABEL";
    public static final String TIMER_DELAY_LEVEL = "TIMER_DELAY_LEVEL";
    public static final String TIMER_DEL_UNIQKEY = "TIMER_DEL_UNIQKEY";
    public static final String POP_CK = "POP_CK";
    public static final String POP_CK_OFFSET = "POP_CK_OFFSET";
    public static final String ORIGIN_GROUP = "ORIGIN_GROUP";
    public static final String FIRST_POP_TIME = "1ST_POP_TIME";
    public static final String SHARDING_KEY = "__SHARDINGKEY";
    public static final String PRIORITY = "_SYS_MSG_PRIORITY_";
    public static final String LITE_TOPIC = "__LITE_TOPIC";
    public static final String INNER_MULTI_DISPATCH = "INNER_MULTI_DISPATCH";
    public static final String INNER_MULTI_QUEUE_OFFSET = "INNER_MULTI_QUEUE_OFFSET";
    public static final String INNER_NUM = "INNER_NUM";
    public static final String INNER_BASE = "INNER_BASE";
    public static final String BORN_TIMESTAMP = "BORN_TIMESTAMP";
    public static final String BORN_HOST = "__BORNHOST";
    public static final String DLQ_ORIGIN_TOPIC = "DLQ_ORIGIN_TOPIC";
    public static final String DLQ_ORIGIN_MESSAGE_ID = "DLQ_ORIGIN_MESSAGE_ID";
    public static final String TRACE_CONTEXT = "TRACE_CONTEXT";
    /** The checksum of the whole record. */
    public static final String CRC32 = "__CRC32#";
    /** Starts the names of properties that are not stored. */
    public static final String TRANSIENT_PREFIX = "__RMQ.TRANSIENT.";

    private MessageProperties() {}

    /** Returns the value of {@code key} in the bytes {@code from} to before {@code to}, or null. */
    public static @Nullable String get(byte[] properties, int from, int to, String key) {
        int value = PropertyScan.lastValue(properties, from, to, key);
        if (value < 0) return null;
        int end = PropertyScan.entryEnd(properties, value, to);
        return new String(properties, value, end - value, StandardCharsets.UTF_8);
    }

    /** Returns the value of {@code key} between position and limit, which do not move, or null. */
    public static @Nullable String get(ByteBuffer properties, String key) {
        byte[] text = bytesOf(properties);
        return get(text, 0, text.length, key);
    }

    /** Returns all properties in their order, unmodifiable. */
    public static Map<String, String> parse(byte[] properties, int from, int to) {
        Map<String, String> parsed = new LinkedHashMap<>();
        int at = from;
        while (at < to) {
            int entryEnd = PropertyScan.entryEnd(properties, at, to);
            int keyEnd = PropertyScan.keyEnd(properties, at, entryEnd);
            if (keyEnd > 0) {
                parsed.put(
                        new String(properties, at, keyEnd - at, StandardCharsets.UTF_8),
                        new String(properties, keyEnd + 1, entryEnd - keyEnd - 1, StandardCharsets.UTF_8));
            }
            at = entryEnd + 1;
        }
        return Collections.unmodifiableMap(parsed);
    }

    /** As {@link #parse(byte[], int, int)}, between position and limit, which do not move. */
    public static Map<String, String> parse(ByteBuffer properties) {
        byte[] text = bytesOf(properties);
        return parse(text, 0, text.length);
    }

    /**
     * Returns the text of {@code properties} in their order, with the last separator, as 5.x writes it.
     *
     * @throws IllegalArgumentException when a key or value is empty or holds a separator: it could not be read back
     */
    public static byte[] write(Map<String, String> properties) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        properties.forEach((key, value) -> {
            checkWritable(key, value);
            text.writeBytes(key.getBytes(StandardCharsets.UTF_8));
            text.write(NAME_VALUE_SEPARATOR);
            text.writeBytes(value.getBytes(StandardCharsets.UTF_8));
            text.write(PROPERTY_SEPARATOR);
        });
        return text.toByteArray();
    }

    /** Returns the code that a consume queue stores for the whole TAGS text; 0 for none. */
    public static long tagsCode(@Nullable String tags) {
        return tags == null || tags.isEmpty() ? 0 : tags.hashCode();
    }

    static void checkWritable(String key, String value) {
        if (key.isEmpty()) throw new IllegalArgumentException("property name is empty");
        if (value.isEmpty()) throw new IllegalArgumentException("property '" + key + "' has an empty value");
        if (holdsSeparator(key) || holdsSeparator(value)) {
            throw new IllegalArgumentException(
                    "property '" + key + "' holds the character 1 or 2, which separate properties");
        }
    }

    private static boolean holdsSeparator(String text) {
        return text.indexOf(NAME_VALUE_SEPARATOR) >= 0 || text.indexOf(PROPERTY_SEPARATOR) >= 0;
    }

    private static byte[] bytesOf(ByteBuffer properties) {
        byte[] text = new byte[properties.remaining()];
        properties.get(properties.position(), text);
        return text;
    }
}
