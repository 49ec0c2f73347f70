package io.vostok.broker.pop;

import io.vostok.model.GroupName;
import io.vostok.model.TopicName;
import org.jspecify.annotations.Nullable;

/** Names of the topics through which popped messages come again (storage reference 13.2). */
public final class PopTopics {
    /** The {@code <retry>} field of receipts for a message of the topic itself. */
    public static final int NORMAL = 0;
    /** For one that came again through the retry topic of the usual form. */
    public static final int RETRY_V1 = 1;
    /** For one of the newer form, which we read and do not write. */
    public static final int RETRY_V2 = 2;

    private PopTopics() {}

    /** Returns {@code %RETRY%group_topic}, or null when that is no valid name. */
    public static @Nullable TopicName retryV1(GroupName group, TopicName topic) {
        return named(TopicName.RETRY_PREFIX + group + "_" + topic);
    }

    /** Returns {@code %RETRY%group+topic}, or null when that is no valid name. */
    public static @Nullable TopicName retryV2(GroupName group, TopicName topic) {
        return named(TopicName.RETRY_PREFIX + group + "+" + topic);
    }

    private static @Nullable TopicName named(String name) {
        return TopicName.problem(name) == null ? new TopicName(name) : null;
    }

    /** Returns the topic that the user knows, of a stored topic of the group. */
    public static String original(String stored, GroupName group) {
        String prefix = TopicName.RETRY_PREFIX + group;
        boolean retry = stored.length() > prefix.length() + 1
                && stored.startsWith(prefix)
                && (stored.charAt(prefix.length()) == '_' || stored.charAt(prefix.length()) == '+');
        return retry ? stored.substring(prefix.length() + 1) : stored;
    }

    /** Tells whether a stored topic is one through which popped messages of the group come again. */
    public static boolean isRetry(String stored, GroupName group) {
        return !original(stored, group).equals(stored);
    }
}
