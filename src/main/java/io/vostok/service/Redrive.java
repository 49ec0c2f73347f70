package io.vostok.service;

import io.vertx.core.Promise;
import io.vostok.broker.Refused;
import io.vostok.broker.retry.RetryDecision;
import io.vostok.model.GroupName;
import io.vostok.model.OffsetMessageId;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.service.RedriveAdmin.Failure;
import io.vostok.service.RedriveAdmin.Progress;
import io.vostok.service.RedriveAdmin.State;
import io.vostok.service.RedriveAdmin.Wish;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.QueueUnit;
import io.vostok.store.StoreException;
import io.vostok.store.Stored;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One redrive of the dead letters of a group, in turns: looks at them one after another, sends those that are wanted at the rate
 * that is wanted, and marks each as sent when its copy is durable. Driven by {@link Redrives}, on its context.
 */
final class Redrive {
    private static final int MOST_PER_TURN = 128;
    private static final int MOST_BYTES_PER_TURN = 1 << 20;
    private static final int MOST_UNDER_WAY = 256;
    private static final int MOST_FAILURES = 20;
    /** Rates are kept over this time, so that a pause is not made up for by a burst. */
    private static final double BURST_SECONDS = 0.2;

    private static final long BUSY_MILLIS = 100;
    private static final long PACE_MILLIS = 20;
    private static final long SETTLE_MILLIS = 100;

    /** A dead letter that was found. */
    private record Letter(QueueId queue, long offset, long position, int sizeBytes) {}

    /** A letter whose copy ends at {@code copyEnd} of the log, which is not known to be durable. */
    private record Copied(Letter letter, long copyEnd) {}

    private final Redrives.Parts parts;
    private final Wish wish;
    private final GroupName group;
    private final DeadLetterFilter filter;
    private final TopicName deadLetters;
    private final long startedMillis;
    private final Runnable wake;
    private final QueueUnit unit = new QueueUnit();
    private final ArrayDeque<String> ids;
    private final long[] next;
    private final long[] ends;
    private final ArrayDeque<Letter> again = new ArrayDeque<>();
    private final ArrayDeque<Copied> copied = new ArrayDeque<>();
    private final List<Failure> failures = new ArrayList<>();
    private final List<Promise<@Nullable Progress>> stopping = new ArrayList<>();
    private State state = State.RUNNING;
    private State ending = State.DONE;
    private boolean over;
    private boolean creating;
    private @Nullable String remark;
    private long endedMillis;
    private long total;
    private long scanned;
    private long matched;
    private long sent;
    private long skipped;
    private long failed;
    private int underWay;
    private double allowance = 1;
    private long paidNanos;
    private int queue;

    /** @param wake runs when there may be more to do */
    Redrive(Redrives.Parts parts, Wish wish, DeadLetterFilter filter, int queues, Runnable wake) {
        this.parts = parts;
        this.wish = wish;
        this.filter = filter;
        this.group = new GroupName(wish.group());
        this.deadLetters = new TopicName(TopicName.DLQ_PREFIX + wish.group());
        this.startedMillis = parts.clock().wallMillis();
        this.paidNanos = parts.clock().monotonicNanos();
        this.wake = wake;
        this.ids = new ArrayDeque<>(new LinkedHashSet<>(wish.ids()));
        this.next = new long[queues];
        this.ends = new long[queues];
        total = ids.size();
        for (int i = 0; ids.isEmpty() && i < queues; i++) {
            @Nullable ConsumeQueue found = parts.queues().find(new QueueId(deadLetters, i));
            if (found == null) continue;
            next[i] = wish.fromMillis() <= 0 ? found.minOffset() : found.firstOffsetSince(wish.fromMillis());
            ends[i] = found.maxOffset();
            total += Math.max(0, ends[i] - next[i]);
        }
    }

    /** Does what one turn may do. Returns milliseconds to the next turn, -1 when only an answer can change anything. */
    long turn() {
        settle();
        if (over || creating) return waitForAnswers();
        pay();
        int bytes = 0;
        for (int i = 0; i < MOST_PER_TURN && bytes < MOST_BYTES_PER_TURN; i++) {
            if (underWay >= MOST_UNDER_WAY) return -1;
            if (allowance < 1) return PACE_MILLIS;
            @Nullable Letter letter = again.isEmpty() ? find() : again.remove();
            if (letter == null) {
                if (over) return waitForAnswers();
                continue;
            }
            bytes += letter.sizeBytes();
            if (!send(letter)) {
                again.addFirst(letter);
                return creating ? -1 : BUSY_MILLIS;
            }
        }
        return 0;
    }

    /** Looks at the next {@code most} without sending any. Returns whether there may be more. */
    boolean look(int most) {
        for (int i = 0; i < most && !over; i++) find();
        return !over;
    }

    private long waitForAnswers() {
        if (underWay > 0 || creating) return -1;
        // What is not known to be durable is marked when it is; nothing rings for that.
        return copied.isEmpty() ? -1 : SETTLE_MILLIS;
    }

    private void pay() {
        long now = parts.clock().monotonicNanos();
        double most = Math.max(1, wish.perSecond() * BURST_SECONDS);
        allowance = Math.min(most, allowance + (now - paidNanos) * 1e-9 * wish.perSecond());
        paidNanos = now;
    }

    /** Looks at the next dead letter. Returns it when it is wanted; {@link #over} says when there is none. */
    private @Nullable Letter find() {
        if (!wish.ids().isEmpty()) return named();
        while (queue < next.length && next[queue] >= ends[queue]) queue++;
        if (queue == next.length) {
            over = true;
            return null;
        }
        QueueId id = new QueueId(deadLetters, queue);
        @Nullable ConsumeQueue units = parts.queues().find(id);
        long offset = units == null ? ends[queue] : Math.max(next[queue], units.minOffset());
        next[queue] = offset + 1;
        if (units == null || offset >= ends[queue] || !units.read(offset, unit)) return null;
        scanned++;
        return wanted(new Letter(id, offset, unit.position(), unit.sizeBytes()), "");
    }

    private @Nullable Letter named() {
        @Nullable String id = ids.poll();
        if (id == null) {
            over = true;
            return null;
        }
        scanned++;
        long position = position(id);
        int size = position < 0 ? -1 : parts.view().sizeBytes(position);
        if (size < 0 || !read(position, size) || !parts.copy().record().topic().equals(deadLetters.value())) {
            fail(id, "no dead letter of group `" + group + "` has this id");
            return null;
        }
        QueueId at = new QueueId(deadLetters, parts.copy().record().queueId());
        return wanted(new Letter(at, parts.copy().record().queueOffset(), position, size), id);
    }

    private static long position(String id) {
        try {
            return OffsetMessageId.parse(id).physicalOffset();
        } catch (IllegalArgumentException e) {
            return -1;
        }
    }

    private boolean read(long position, int sizeBytes) {
        try {
            return parts.copy().read(position, sizeBytes);
        } catch (StoreException damaged) {
            return false;
        }
    }

    private @Nullable Letter wanted(Letter letter, String id) {
        if (!read(letter.position(), letter.sizeBytes())) {
            fail(id, "the dead letter at offset " + letter.offset() + " cannot be read");
            return null;
        }
        if (!filter.matches(parts.copy().record())) return null;
        if (!wish.again() && parts.marks().isMarked(wish.group(), letter.queue(), letter.offset())) {
            skipped++;
            return null;
        }
        matched++;
        return letter;
    }

    /** Returns false when it is to be tried again later. */
    private boolean send(Letter letter) {
        if (!read(letter.position(), letter.sizeBytes())) {
            fail("", "the dead letter at offset " + letter.offset() + " cannot be read");
            return true;
        }
        String id = parts.copy().messageId();
        RetryDecision decision = parts.rules()
                .decide(
                        group,
                        wish.target(),
                        parts.copy().properties(),
                        parts.tables().topics(),
                        parts.tables().groups());
        if (decision instanceof RetryDecision.Refuse refuse) {
            fail(id, refuse.refused().words());
            return true;
        }
        if (decision instanceof RetryDecision.CreateTopic create) {
            creating = true;
            parts.creation().create(create.topic(), failure -> {
                creating = false;
                if (failure != null) end(State.FAILED, String.valueOf(failure.getMessage()));
                wake.run();
            });
            return false;
        }
        if (!(decision instanceof RetryDecision.Store store)) throw new IllegalStateException("not here: " + decision);
        @Nullable Refused busy = parts.copy().append(store.queue(), store.reconsumeTimes(), new Answer(letter));
        if (busy != null) return false;
        underWay++;
        allowance--;
        return true;
    }

    private void fail(String id, String words) {
        failed++;
        if (failures.size() < MOST_FAILURES) failures.add(new Failure(id, words));
    }

    /** Marks those whose copies are durable. */
    private void settle() {
        long flushed = parts.flushed().getAsLong();
        for (@Nullable Copied first = copied.peek();
                first != null && first.copyEnd() <= flushed;
                first = copied.peek()) {
            copied.remove();
            Letter letter = first.letter();
            parts.marks().mark(wish.group(), letter.queue(), letter.offset(), letter.position());
        }
    }

    /** Lets it send nothing more; {@code done} completes when it is over. */
    void stop(Promise<@Nullable Progress> done) {
        stopping.add(done);
        end(State.STOPPED, null);
    }

    private void end(State how, @Nullable String why) {
        if (!over || how == State.FAILED) {
            ending = how;
            remark = why;
        }
        over = true;
        again.clear();
    }

    /** Tells whether nothing of it is open any more but to note it. */
    boolean isSettled() {
        return over && underWay == 0 && copied.isEmpty() && !creating && again.isEmpty();
    }

    boolean isRunning() {
        return state == State.RUNNING;
    }

    /** It is settled, and noted. */
    void ended() {
        state = ending;
        endedMillis = parts.clock().wallMillis();
        for (Promise<@Nullable Progress> each : stopping) each.complete(progress());
        stopping.clear();
    }

    int underWay() {
        return underWay;
    }

    Progress progress() {
        return new Progress(
                wish.group(),
                state,
                wish.target(),
                wish.perSecond(),
                startedMillis,
                endedMillis,
                total,
                scanned,
                matched,
                sent,
                skipped,
                failed,
                List.copyOf(failures),
                remark);
    }

    private final class Answer implements AppendListener {
        private final Letter letter;

        Answer(Letter letter) {
            this.letter = letter;
        }

        @Override
        public void stored(Stored stored) {
            underWay--;
            sent++;
            copied.add(new Copied(letter, stored.endPosition()));
            wake.run();
        }

        @Override
        public void flushTimedOut(Stored stored) {
            // It is in the log; it counts as sent when it is durable.
            stored(stored);
        }

        @Override
        public void failed(StoreException failure) {
            underWay--;
            end(State.FAILED, String.valueOf(failure.getMessage()));
            wake.run();
        }
    }
}
