package io.vostok.it.client;

/**
 * How a consumer is to be built.
 *
 * @param fromWhere name of the client's ConsumeFromWhere
 * @param fromTimestamp yyyyMMddHHmmss, for CONSUME_FROM_TIMESTAMP
 */
public record ConsumerSpec(
        String group,
        String topic,
        String expression,
        boolean orderly,
        boolean broadcasting,
        String fromWhere,
        String fromTimestamp,
        int threads,
        String instance) {

    public static ConsumerSpec of(String group, String topic) {
        return new ConsumerSpec(group, topic, "*", false, false, "CONSUME_FROM_FIRST_OFFSET", "", 4, "");
    }

    public ConsumerSpec only(String newExpression) {
        return new ConsumerSpec(
                group, topic, newExpression, orderly, broadcasting, fromWhere, fromTimestamp, threads, instance);
    }

    public ConsumerSpec inOrder() {
        return new ConsumerSpec(
                group, topic, expression, true, broadcasting, fromWhere, fromTimestamp, threads, instance);
    }

    public ConsumerSpec toAll() {
        return new ConsumerSpec(group, topic, expression, orderly, true, fromWhere, fromTimestamp, threads, instance);
    }

    public ConsumerSpec fromLast() {
        return new ConsumerSpec(
                group,
                topic,
                expression,
                orderly,
                broadcasting,
                "CONSUME_FROM_LAST_OFFSET",
                fromTimestamp,
                threads,
                instance);
    }

    public ConsumerSpec fromTime(String yyyyMMddHHmmss) {
        return new ConsumerSpec(
                group,
                topic,
                expression,
                orderly,
                broadcasting,
                "CONSUME_FROM_TIMESTAMP",
                yyyyMMddHHmmss,
                threads,
                instance);
    }

    public ConsumerSpec threads(int newThreads) {
        return new ConsumerSpec(
                group, topic, expression, orderly, broadcasting, fromWhere, fromTimestamp, newThreads, instance);
    }

    /** A fixed instance name, so that a later consumer is the same client again. */
    public ConsumerSpec as(String newInstance) {
        return new ConsumerSpec(
                group, topic, expression, orderly, broadcasting, fromWhere, fromTimestamp, threads, newInstance);
    }
}
