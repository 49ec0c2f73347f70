package io.vostok.it.client;

/**
 * How a consumer is to be built.
 *
 * @param fromWhere name of the client's ConsumeFromWhere
 * @param fromTimestamp yyyyMMddHHmmss, for CONSUME_FROM_TIMESTAMP
 * @param maxReconsumeTimes as the client has it; -1 leaves it at the client's default
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
        String instance,
        int maxReconsumeTimes) {

    /** Starts an expression that is a condition on properties, not tags. */
    public static final String SQL = "SQL92:";

    public static ConsumerSpec of(String group, String topic) {
        return new ConsumerSpec(group, topic, "*", false, false, "CONSUME_FROM_FIRST_OFFSET", "", 4, "", -1);
    }

    public ConsumerSpec only(String newExpression) {
        return new ConsumerSpec(
                group,
                topic,
                newExpression,
                orderly,
                broadcasting,
                fromWhere,
                fromTimestamp,
                threads,
                instance,
                maxReconsumeTimes);
    }

    /** Selects by a condition on properties. */
    public ConsumerSpec where(String condition) {
        return only(SQL + condition);
    }

    public ConsumerSpec inOrder() {
        return new ConsumerSpec(
                group,
                topic,
                expression,
                true,
                broadcasting,
                fromWhere,
                fromTimestamp,
                threads,
                instance,
                maxReconsumeTimes);
    }

    public ConsumerSpec toAll() {
        return new ConsumerSpec(
                group,
                topic,
                expression,
                orderly,
                true,
                fromWhere,
                fromTimestamp,
                threads,
                instance,
                maxReconsumeTimes);
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
                instance,
                maxReconsumeTimes);
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
                instance,
                maxReconsumeTimes);
    }

    public ConsumerSpec threads(int newThreads) {
        return new ConsumerSpec(
                group,
                topic,
                expression,
                orderly,
                broadcasting,
                fromWhere,
                fromTimestamp,
                newThreads,
                instance,
                maxReconsumeTimes);
    }

    /** A fixed instance name, so that a later consumer is the same client again. */
    public ConsumerSpec as(String newInstance) {
        return new ConsumerSpec(
                group,
                topic,
                expression,
                orderly,
                broadcasting,
                fromWhere,
                fromTimestamp,
                threads,
                newInstance,
                maxReconsumeTimes);
    }

    /** How often a message may come again before it is a dead letter. */
    public ConsumerSpec maxReconsumeTimes(int times) {
        return new ConsumerSpec(
                group, topic, expression, orderly, broadcasting, fromWhere, fromTimestamp, threads, instance, times);
    }
}
