package io.vostok.service;

import io.vertx.core.Promise;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.transaction.EndTransaction;
import io.vostok.broker.transaction.EndTransaction.Outcome;
import io.vostok.broker.transaction.TransactionCounts;
import io.vostok.broker.transaction.TransactionRules;
import io.vostok.metrics.Tally;
import io.vostok.model.MessageProperties;
import io.vostok.model.QueueId;
import io.vostok.store.LogView;
import io.vostok.store.StoreException;
import io.vostok.store.Stored;
import io.vostok.store.transaction.Half;
import io.vostok.store.transaction.HalfMessages;
import io.vostok.store.transaction.MarkBody;
import io.vostok.time.Clock;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits, rolls back and gives up half messages: what they become and the mark that they are done are one append, all or
 * none. Driven by TransactionVerticle, on its event loop.
 */
public final class HalfDecisions {
    private static final Logger LOG = LoggerFactory.getLogger(HalfDecisions.class);

    /** Half messages that may be given up at once; producers are held back by their own bytes in flight. */
    private static final int MOST_GIVEN_UP_AT_ONCE = 256;

    private static final long PAUSE_NANOS = 1_000_000_000;

    private final HalfMessages halves;
    private final TransactionRules rules;
    private final LogView view;
    private final LogClient log;
    private final MessageCopy copy;
    private final MarkRecords marks;
    private final Clock clock;
    private final TransactionCounts counts;
    private final Tally finishes;
    private final Runnable answered;
    private final Map<Long, Deciding> underWay = new HashMap<>();
    private int givingUp;
    private boolean failedOnce;
    private long failedNanos;

    /**
     * @param log of the same event loop
     * @param finishes takes what is committed, by topic, and how many seconds that took
     * @param answered runs after each answer of the log
     */
    public HalfDecisions(
            HalfMessages halves,
            TransactionRules rules,
            LogView view,
            LogClient log,
            Appending appending,
            Clock clock,
            TransactionCounts counts,
            Tally finishes,
            Runnable answered) {
        this.halves = halves;
        this.rules = rules;
        this.view = view;
        this.log = log;
        this.copy = new MessageCopy(view, log, appending);
        this.marks = new MarkRecords(appending);
        this.clock = clock;
        this.counts = counts;
        this.finishes = finishes;
        this.answered = answered;
    }

    /** Tells whether the log refused something a moment ago: what can wait is not tried again at once. */
    public boolean failedLately() {
        return failedOnce && clock.monotonicNanos() - failedNanos < PAUSE_NANOS;
    }

    private void failed(Half half) {
        failedOnce = true;
        failedNanos = clock.monotonicNanos();
        halves.failed(half, failedNanos);
    }

    /** Returns how many half messages are being decided. */
    public int underWay() {
        return underWay.size();
    }

    /** Tells whether the half message at this offset is being decided. */
    public boolean isUnderWay(long offset) {
        return underWay.containsKey(offset);
    }

    /** Tells whether {@link #giveUp} may be called. */
    public boolean mayGiveUp() {
        return givingUp < MOST_GIVEN_UP_AT_ONCE;
    }

    /**
     * Carries out a producer's word. A second word on the same half message changes nothing.
     *
     * @param done completes with null when it is carried out, with the unique id when the half message was decided before;
     *     fails with {@link Registry.RefusedException}
     * @return false when nothing happened because the half message is in the log but not in its queue yet: come again then
     */
    public boolean end(EndTransaction end, Promise<@Nullable String> done) {
        try {
            int size = view.sizeBytes(end.position());
            if (size < 0 || !copy.read(end.position(), size)) {
                refuse(done, TransactionRules.notFound(end));
                return true;
            }
        } catch (StoreException damaged) {
            refuse(done, Refusals.of(damaged));
            return true;
        }
        @Nullable
        Refused wrong = rules.check(end, copy.record().topic(), copy.record().queueOffset(), copy.properties());
        if (wrong != null) {
            refuse(done, wrong);
            return true;
        }
        if (end.offset() >= halves.end()) return false;
        @Nullable Half half = halves.find(end.offset());
        if (half == null) {
            @Nullable String uniqueId = copy.properties().get(MessageProperties.UNIQ_KEY);
            done.complete(uniqueId == null ? "" : uniqueId);
            return true;
        }
        @Nullable Deciding other = underWay.get(end.offset());
        if (other != null) {
            other.waiting.add(done);
            return true;
        }
        @Nullable
        Refused late = rules.tooLate(end, copy.properties(), copy.record().bornTimestamp(), clock.wallMillis());
        if (late != null) {
            refuse(done, late);
        } else if (end.outcome() == Outcome.COMMIT) {
            commit(half, done);
        } else {
            start(new Deciding(half, done, counts::addRolledBack), null, 0);
        }
        return true;
    }

    private void commit(Half half, Promise<@Nullable String> done) {
        // Before the rules let it wait for a time of its own, elsewhere.
        String topic = String.valueOf(copy.properties().get(MessageProperties.REAL_TOPIC));
        Ruling<QueueId> target = rules.commit(copy.properties(), clock.wallMillis());
        @Nullable Refused nowhere = target.refused();
        if (nowhere != null) {
            refuse(done, nowhere);
            return;
        }
        long born = copy.record().bornTimestamp();
        start(
                new Deciding(half, done, () -> {
                    counts.addCommitted();
                    finishes.add(topic, Tally.NO_GROUP, 1, Math.max(0, clock.wallMillis() - born) / 1_000);
                }),
                target.value(),
                TransactionRules.committed(copy.record().sysFlag()));
    }

    /**
     * Takes a half message that nobody decided out of the way, visibly. It must be under way already.
     *
     * @param why for the log
     */
    public void giveUp(Half half, String why, boolean beforeDeletion) {
        givingUp++;
        try {
            if (copy.read(half.position(), half.sizeBytes())) {
                String words = words(half, why);
                copy.properties().put(MessageProperties.TRANSACTION_CHECK_TIMES, half.checks());
                Deciding deciding = new Deciding(half, null, () -> {
                    counts.addGivenUp();
                    LOG.warn("half message given up {} target={}", words, HalfMessages.GIVEN_UP.topic());
                });
                deciding.givesUp = true;
                deciding.lastChance = beforeDeletion;
                start(deciding, HalfMessages.GIVEN_UP, copy.record().sysFlag());
                return;
            }
            lose(half, "the log no longer holds it");
        } catch (StoreException damaged) {
            lose(half, String.valueOf(damaged.getMessage()));
        }
    }

    private String words(Half half, String why) {
        return "topic=" + copy.properties().get(MessageProperties.REAL_TOPIC) + " uniqueId="
                + copy.properties().get(MessageProperties.UNIQ_KEY) + " producerGroup=" + half.group() + " offset="
                + half.offset() + " position=" + half.position() + " checks=" + half.checks() + " reason=\"" + why
                + "\"";
    }

    /** Nothing of it can be kept but the mark, so that nobody looks for it again. */
    private void lose(Half half, String why) {
        Deciding deciding = new Deciding(half, null, () -> {
            counts.addLost();
            LOG.error(
                    "half message lost producerGroup={} offset={} position={} reason=\"{}\"",
                    half.group(),
                    half.offset(),
                    half.position(),
                    why);
        });
        deciding.givesUp = true;
        start(deciding, null, 0);
    }

    /**
     * Puts a message that was given up back among the half messages, or lets the checks of a pending one begin anew.
     *
     * @param done fails with {@link Registry.RefusedException}
     */
    public void resume(long position, Promise<Void> done) {
        try {
            int size = view.sizeBytes(position);
            if (size < 0 || !copy.read(position, size)) {
                refuse(done, new Refused(Refusal.FAILED, "no message starts at position " + position + " of the log"));
                return;
            }
        } catch (StoreException damaged) {
            refuse(done, Refusals.of(damaged));
            return;
        }
        String topic = copy.record().topic();
        if (topic.equals(HalfMessages.GIVEN_UP.topic().value())) {
            copy.properties().remove(MessageProperties.TRANSACTION_CHECK_TIMES);
            @Nullable
            Refused busy = copy.append(HalfMessages.HALVES, copy.record().reconsumeTimes(), new Resumed(done));
            if (busy != null) refuse(done, busy);
            return;
        }
        @Nullable
        Half half = topic.equals(HalfMessages.HALVES.topic().value())
                ? halves.find(copy.record().queueOffset())
                : null;
        if (half == null) {
            refuse(
                    done,
                    new Refused(
                            Refusal.FAILED,
                            "the message at position " + position
                                    + " is neither a half message that is undecided nor one" + " that was given up ("
                                    + HalfMessages.GIVEN_UP.topic() + ")"));
            return;
        }
        halves.checkAnew(half, clock.monotonicNanos());
        done.complete();
    }

    /** @param target where the copy that was read goes first, or null for the mark alone */
    private void start(Deciding deciding, @Nullable QueueId target, int sysFlag) {
        Half half = deciding.half;
        byte[] body = MarkBody.of(half.offset());
        int markBytes = marks.sizeBytes(body);
        int size = markBytes + (target == null ? 0 : copy.sizeBytes(target.topic()));
        halves.begin(half);
        @Nullable Refused busy = log.admission(size);
        if (busy != null) {
            if (deciding.givesUp) givingUp--;
            failed(half);
            if (deciding.first != null) refuse(deciding.first, busy);
            return;
        }
        underWay.put(half.offset(), deciding);
        ByteBuffer room = log.room(size);
        if (target == null) {
            marks.encode(room, body, clock.wallMillis());
            log.append(HalfMessages.MARKS, size, 1, deciding);
            return;
        }
        // The mark last: alone it would say that the message is done which is not there.
        copy.encode(room, target, sysFlag, copy.record().reconsumeTimes(), half.position());
        marks.encode(room, body, clock.wallMillis());
        log.append(List.of(target, HalfMessages.MARKS), size, deciding);
    }

    private static <T extends @Nullable Object> void refuse(Promise<T> done, Refused refused) {
        done.fail(new Registry.RefusedException(refused));
    }

    /** A decision that the log was given, and who waits for it. */
    private final class Deciding implements AppendListener {
        private final Half half;
        private final @Nullable Promise<@Nullable String> first;
        private final Runnable count;
        private final List<Promise<@Nullable String>> waiting = new ArrayList<>(1);
        private boolean givesUp;
        private boolean lastChance;

        Deciding(Half half, @Nullable Promise<@Nullable String> first, Runnable count) {
            this.half = half;
            this.first = first;
            this.count = count;
            if (first != null) waiting.add(first);
        }

        @Override
        public void stored(Stored stored) {
            finish();
            halves.done(half, stored.endPosition());
            count.run();
            for (Promise<@Nullable String> each : waiting) each.complete(null);
            answered.run();
        }

        @Override
        public void flushTimedOut(Stored stored) {
            // It is in the log; how far everything is decided is noted only when that is durable.
            stored(stored);
        }

        @Override
        public void failed(StoreException failure) {
            finish();
            if (lastChance && failure.kind() == StoreException.Kind.DISK_FULL) {
                // Its file must go for the disk to have room again.
                halves.done(half, 0);
                counts.addLost();
                LOG.error(
                        "half message lost producerGroup={} offset={} position={} reason=\"the disk is full, its file is deleted\"",
                        half.group(),
                        half.offset(),
                        half.position());
            } else if (givesUp && failure.kind() == StoreException.Kind.TOO_LARGE) {
                // It would be tried for ever.
                givingUp++;
                lose(half, String.valueOf(failure.getMessage()));
            } else {
                HalfDecisions.this.failed(half);
            }
            for (Promise<@Nullable String> each : waiting) refuse(each, Refusals.of(failure));
            answered.run();
        }

        private void finish() {
            underWay.remove(half.offset());
            if (givesUp) givingUp--;
        }
    }

    private record Resumed(Promise<Void> done) implements AppendListener {
        @Override
        public void stored(Stored stored) {
            done.complete();
        }

        @Override
        public void flushTimedOut(Stored stored) {
            done.complete();
        }

        @Override
        public void failed(StoreException failure) {
            refuse(done, Refusals.of(failure));
        }
    }
}
