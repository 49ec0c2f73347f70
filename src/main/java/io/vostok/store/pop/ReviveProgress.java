package io.vostok.store.pop;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * How far one queue of the revive topic is dealt with: all before {@link #committable} may be forgotten. The pop owner's thread.
 *
 * <p>Always true: what is committable never passes the newest record of an entry that is not over, nor the records that say that
 * one is over before these are durable.
 */
final class ReviveProgress {
    /** A record that is needed until what makes it superfluous, which ends at {@code doneEnd} of the log, is durable. */
    static final class Needed {
        final long offset;
        final ReviveEntry entry;
        long doneEnd = -1;

        Needed(long offset, ReviveEntry entry) {
            this.offset = offset;
            this.entry = entry;
        }
    }

    private final ArrayDeque<Needed> needed = new ArrayDeque<>();
    private long end;
    private long endPosition;
    private long passed;

    ReviveProgress(long committed) {
        passed = committed;
        end = committed;
    }

    Needed stored(ReviveEntry entry, long offset, long position) {
        Needed record = new Needed(offset, entry);
        // A record of another broker is read when it arrives, which may be before ours that is ahead of it is answered.
        ArrayDeque<Needed> behind = new ArrayDeque<>();
        for (@Nullable Needed last = needed.peekLast();
                last != null && last.offset > offset;
                last = needed.peekLast()) {
            behind.addFirst(needed.removeLast());
        }
        needed.add(record);
        needed.addAll(behind);
        seen(offset, position);
        return record;
    }

    /** A record that nothing needs. */
    void seen(long offset, long position) {
        end = Math.max(end, offset + 1);
        endPosition = Math.max(endPosition, position);
    }

    /** Returns the offset of the first record that a restart must read. */
    long committable(long flushed) {
        for (@Nullable Needed first = needed.peek();
                first != null && first.doneEnd >= 0 && first.doneEnd <= flushed;
                first = needed.peek()) {
            needed.remove();
        }
        @Nullable Needed first = needed.peek();
        if (first != null) passed = Math.max(passed, first.offset);
        else if (endPosition <= flushed) passed = Math.max(passed, end);
        return passed;
    }

    /** Tells whether {@link #committable} will move when more is flushed. */
    boolean unflushed(long flushed) {
        @Nullable Needed first = needed.peek();
        return first == null ? endPosition > flushed : first.doneEnd > flushed;
    }

    /** Returns how many records a restart would have to look at, at least. */
    long behind() {
        return end - passed;
    }

    /** Returns the entry that holds everything back, if it is not over. */
    @Nullable
    ReviveEntry holder() {
        @Nullable Needed first = needed.peek();
        return first == null || first.doneEnd >= 0 ? null : first.entry;
    }
}
