package io.vostok.broker.topic;

/**
 * What the rules of topics and groups need to know; checked on construction.
 *
 * @param autoCreateTopics whether a send to an unknown topic creates it
 * @param autoCreateGroups whether a heartbeat or pull of an unknown group creates it
 * @param templateQueues queues of the template {@code TBW102}; the most an auto-created topic gets
 * @param traceTopic whether {@code RMQ_SYS_TRACE_TOPIC} exists from the start
 * @param maxTopics beyond this count no topic is created, except the retry and dead-letter topics of groups
 * @param maxGroups beyond this count no group is created
 * @param maxQueuesPerTopic largest read or write queue count a user may ask for
 */
public record TopicSettings(
        boolean autoCreateTopics,
        boolean autoCreateGroups,
        int templateQueues,
        boolean traceTopic,
        int maxTopics,
        int maxGroups,
        int maxQueuesPerTopic) {

    public TopicSettings {
        if (templateQueues < 1) {
            throw new IllegalArgumentException("template queues must be at least 1, was " + templateQueues);
        }
        if (maxTopics < 1) throw new IllegalArgumentException("most topics must be at least 1, was " + maxTopics);
        if (maxGroups < 1) throw new IllegalArgumentException("most groups must be at least 1, was " + maxGroups);
        if (maxQueuesPerTopic < 1) {
            throw new IllegalArgumentException("most queues of a topic must be at least 1, was " + maxQueuesPerTopic);
        }
    }

    /** Returns the same with other auto-creation. */
    public TopicSettings autoCreating(boolean topics, boolean groups) {
        return new TopicSettings(topics, groups, templateQueues, traceTopic, maxTopics, maxGroups, maxQueuesPerTopic);
    }

    /** Returns Apache's defaults, with bounds where Apache has none. */
    public static TopicSettings defaults() {
        return new TopicSettings(true, true, 8, true, 20_000, 20_000, 1024);
    }
}
