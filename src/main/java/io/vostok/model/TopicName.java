package io.vostok.model;

import org.jspecify.annotations.Nullable;

/**
 * A valid topic name: letters, digits, {@code % | - _}; at most 127 characters, 255 for the retry and
 * dead-letter topics of groups (remoting reference 4.7).
 */
public record TopicName(String value) implements Comparable<TopicName> {
    /** Starts the name of a group's retry topic. */
    public static final String RETRY_PREFIX = "%RETRY%";
    /** Starts the name of a group's dead-letter topic. */
    public static final String DLQ_PREFIX = "%DLQ%";

    private static final int LONGEST_OF_USERS = 127;

    /** @throws IllegalArgumentException when {@link #problem(String)} finds one */
    public TopicName {
        @Nullable String problem = problem(value);
        if (problem != null) throw new IllegalArgumentException(problem);
    }

    /** Returns in words why {@code name} is no topic name, or null when it is one. */
    public static @Nullable String problem(@Nullable String name) {
        boolean ofGroup = name != null && (name.startsWith(RETRY_PREFIX) || name.startsWith(DLQ_PREFIX));
        // The newer retry topics of popping are named %RETRY%group+topic; Apache's brokers may have written them.
        boolean ofRetry = name != null && name.startsWith(RETRY_PREFIX);
        return Names.problem(
                "topic",
                name != null && ofRetry ? name.replace('+', '_') : name,
                ofGroup ? Names.LONGEST : LONGEST_OF_USERS);
    }

    /** Returns the retry topic of {@code group}. */
    public static TopicName retryOf(GroupName group) {
        return new TopicName(RETRY_PREFIX + group.value());
    }

    /** Tells whether failed messages of a group come back through this topic. */
    public boolean isRetry() {
        return value.startsWith(RETRY_PREFIX);
    }

    /** Tells whether this topic holds what a group gave up on. */
    public boolean isDeadLetter() {
        return value.startsWith(DLQ_PREFIX);
    }

    @Override
    public int compareTo(TopicName other) {
        return value.compareTo(other.value);
    }

    // By hand, as in QueueId.
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || (other instanceof TopicName topic && value.equals(topic.value));
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return value;
    }
}
