package io.vostok.broker.pull;

import io.vostok.broker.pull.PullAnswer.Outcome;
import io.vostok.store.ReadResult;
import io.vostok.store.ReadStatus;

/**
 * What a client hears of a read (remoting reference 5.3).
 *
 * <p>Always true, whatever the read says: FOUND has messages; RETRY_IMMEDIATELY advances; OFFSET_MOVED changes the
 * offset; the other outcomes never go back. A client would spin or lose messages otherwise.
 */
public final class PullAnswers {
    private PullAnswers() {}

    /**
     * Returns the answer to a pull from {@code offset}.
     *
     * @param result of reading from {@code offset}; its records are the body if the outcome is FOUND
     */
    public static PullAnswer of(ReadResult result, long offset) {
        return of(result.status(), result.count(), offset, result.minOffset(), result.maxOffset(), result.nextOffset());
    }

    static PullAnswer of(ReadStatus status, int count, long offset, long min, long max, long next) {
        return switch (status) {
            case FOUND ->
                count > 0 ? new PullAnswer(Outcome.FOUND, Math.max(next, offset + 1), false) : on(offset, next);
            case NONE_MATCHED, REMOVED -> on(offset, next);
            case EMPTY -> movedTo(0, offset);
            case AT_END -> nothingAt(offset);
            // Not held: the client can go on at once behind the hole.
            case HOLE -> next > offset ? new PullAnswer(Outcome.NOT_FOUND, next, false) : nothingAt(offset);
            case BEYOND_END -> movedTo(max, offset);
            case BELOW_START -> movedTo(min, offset);
        };
    }

    private static PullAnswer on(long offset, long next) {
        return next > offset ? new PullAnswer(Outcome.RETRY_IMMEDIATELY, next, false) : nothingAt(offset);
    }

    private static PullAnswer movedTo(long target, long offset) {
        return target == offset ? nothingAt(offset) : new PullAnswer(Outcome.OFFSET_MOVED, target, false);
    }

    private static PullAnswer nothingAt(long offset) {
        return new PullAnswer(Outcome.NOT_FOUND, offset, true);
    }
}
