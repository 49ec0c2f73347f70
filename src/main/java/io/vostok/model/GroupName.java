package io.vostok.model;

import org.jspecify.annotations.Nullable;

/** A valid name of a producer or consumer group: the characters of a topic name, at most 255 of them. */
public record GroupName(String value) implements Comparable<GroupName> {
    /** Leaves room for the prefix of the retry topic within its 255 characters. */
    private static final int LONGEST = Names.LONGEST - TopicName.RETRY_PREFIX.length();

    /** @throws IllegalArgumentException when {@link #problem(String)} finds one */
    public GroupName {
        @Nullable String problem = problem(value);
        if (problem != null) throw new IllegalArgumentException(problem);
    }

    /** Returns in words why {@code name} is no group name, or null when it is one. */
    public static @Nullable String problem(@Nullable String name) {
        return Names.problem("group", name, LONGEST);
    }

    @Override
    public int compareTo(GroupName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
