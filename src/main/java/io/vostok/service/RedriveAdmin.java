package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.broker.retry.RedriveRules.Target;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Dead letters that are sent again, for administrators; see {@link BrokerAdmin} for threads and failures. */
public interface RedriveAdmin {
    /**
     * Which dead letters of a group are to be sent again, and how.
     *
     * @param ids of them, or empty for all that the rest describes
     * @param topic from which they came, or null
     * @param tags of which they have one, or null for any
     * @param filter a condition in SQL92, or null
     * @param fromMillis store time from which on
     * @param toMillis store time up to which
     * @param perSecond how many at most
     * @param again whether also those that were sent again before
     */
    record Wish(
            String group,
            List<String> ids,
            @Nullable String topic,
            @Nullable List<String> tags,
            @Nullable String filter,
            long fromMillis,
            long toMillis,
            Target target,
            int perSecond,
            boolean again) {}

    /** How far a redrive is. */
    enum State {
        RUNNING,
        DONE,
        STOPPED,
        FAILED
    }

    /** A dead letter that could not be sent again. */
    record Failure(String id, String remark) {}

    /**
     * A redrive as it is now.
     *
     * @param endedMillis 0 while it runs
     * @param total dead letters in its range when it began
     * @param scanned dead letters looked at
     * @param matched of them wanted
     * @param sent in their queues, durably when the broker forces before it answers
     * @param skipped sent again before
     * @param failed could not be sent
     * @param failures the first of them
     * @param remark why it failed as a whole, or null
     */
    record Progress(
            String group,
            State state,
            Target target,
            int perSecond,
            long startedMillis,
            long endedMillis,
            long total,
            long scanned,
            long matched,
            long sent,
            long skipped,
            long failed,
            List<Failure> failures,
            @Nullable String remark) {}

    /**
     * What a redrive would do.
     *
     * @param complete false when there are more dead letters than were looked at
     */
    record Preview(long scanned, long matched, long skipped, boolean complete) {}

    /** A dead letter's place. */
    record Place(int queue, long offset) {}

    /** Starts a redrive; completes with null when one of the group runs already. */
    Future<@Nullable Progress> start(Wish wish);

    /** Looks at what {@link #start} would send. */
    Future<Preview> preview(Wish wish);

    /** Returns the group's redrive that runs or ran last since the broker's start, or null. */
    Future<@Nullable Progress> progress(String group);

    /** Stops the group's redrive; completes when it sends nothing more, with null when none ran. */
    Future<@Nullable Progress> stop(String group);

    /** Tells of each dead letter whether it was sent again. */
    Future<List<Boolean>> redriven(String group, List<Place> places);
}
