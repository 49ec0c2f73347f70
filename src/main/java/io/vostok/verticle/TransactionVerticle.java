package io.vostok.verticle;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.transaction.EndTransaction;
import io.vostok.broker.transaction.TransactionCounts;
import io.vostok.broker.transaction.TransactionRules;
import io.vostok.bus.Bell;
import io.vostok.metrics.Tally;
import io.vostok.service.Appending;
import io.vostok.service.ArrivalBatch;
import io.vostok.service.ArrivalHearer;
import io.vostok.service.CheckBacks;
import io.vostok.service.HalfDecisions;
import io.vostok.service.LogClient;
import io.vostok.service.Registry;
import io.vostok.service.SessionsClient;
import io.vostok.service.TransactionsClient;
import io.vostok.store.DeletionGuard;
import io.vostok.store.LogView;
import io.vostok.store.Watermarks;
import io.vostok.store.transaction.Half;
import io.vostok.store.transaction.HalfMessages;
import io.vostok.store.transaction.PendingHalves;
import io.vostok.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Owns the half messages: takes them up when they arrive, carries out what producers say of them, asks producers that say
 * nothing, and gives up what nobody decides. Sleeps until the next check is due, or until something happens.
 */
public final class TransactionVerticle extends VerticleBase
        implements ArrivalHearer, TransactionsClient.Owner, DeletionGuard {
    private static final int MOST_ARRIVALS_PER_TURN = 512;
    private static final int MOST_CHECKS_PER_TURN = 1_024;
    private static final int MOST_CHECKED_BYTES_PER_TURN = 512 * 1024;
    private static final int MOST_LOOKED_AT = 8_192;
    private static final int MOST_MAKING_WAY_PER_TURN = 64;
    /** A turn is followed by a pause, so that this many questions go out in a second: a client queues 2000. */
    private static final int CHECKS_PER_SECOND = 4_000;

    private static final long SAVE_MILLIS = 1_000;
    private static final int MOST_EARLY = 10_000;
    private static final long NONE = -1;

    /** A word on a half message that has not arrived in its queue yet. */
    private record Early(EndTransaction end, Promise<@Nullable String> done) {}

    private final HalfMessages halves;
    private final TransactionRules rules;
    private final TransactionCounts counts;
    private final Tally finishes;
    private final LogView view;
    private final Watermarks marks;
    private final Appending appending;
    private final Function<ContextInternal, SessionsClient> sessions;
    private final String brokerName;
    private final Clock clock;
    private final Bell happened;
    private final ArrayDeque<Early> early = new ArrayDeque<>();
    private @Nullable HalfDecisions decisions;
    private @Nullable CheckBacks checks;
    private @Nullable Promise<Void> stopping;
    private boolean lookPlanned;
    private boolean checking;
    private long timer = NONE;
    private long saveTimer = NONE;
    /** Half messages before this position of the log are to make way. */
    private volatile long deletionTo;

    /**
     * @param finishes takes what is committed, by topic, and how many seconds that took
     * @param sessions makes what asks for producers from the verticle's event loop
     * @param happened rung and heard by this verticle only
     */
    public TransactionVerticle(
            HalfMessages halves,
            TransactionRules rules,
            TransactionCounts counts,
            Tally finishes,
            LogView view,
            Watermarks marks,
            Appending appending,
            Function<ContextInternal, SessionsClient> sessions,
            String brokerName,
            Clock clock,
            Bell happened) {
        this.halves = halves;
        this.rules = rules;
        this.counts = counts;
        this.finishes = finishes;
        this.view = view;
        this.marks = marks;
        this.appending = appending;
        this.sessions = sessions;
        this.brokerName = brokerName;
        this.clock = clock;
        this.happened = happened;
    }

    /** Returns the context on which the calls of {@link TransactionsClient.Owner} must run; once deployed. */
    public Context ownContext() {
        return context;
    }

    @Override
    public boolean tell(ArrivalBatch arrivals) {
        if (arrivals.touches(HalfMessages.HALVES.topic())) happened.ring();
        return false;
    }

    @Override
    public boolean letsGo(long endPosition) {
        if (halves.oldestPosition() >= endPosition) return true;
        deletionTo = endPosition;
        happened.ring();
        return false;
    }

    @Override
    public Future<?> start() {
        ContextInternal loop = (ContextInternal) context;
        LogClient log = appending.client(vertx, loop);
        decisions = new HalfDecisions(halves, rules, view, log, appending, clock, counts, finishes, this::answered);
        checks = new CheckBacks(halves, rules, view, log, appending, sessions.apply(loop), counts, brokerName);
        happened.hear(this::look);
        look();
        return Future.succeededFuture();
    }

    /** Decides nothing more; complete when the log has answered what was decided. */
    @Override
    public Future<?> stop() {
        Promise<Void> stopped = Promise.promise();
        stopping = stopped;
        vertx.cancelTimer(timer);
        vertx.cancelTimer(saveTimer);
        for (@Nullable Early each = early.poll(); each != null; each = early.poll()) refuseStopping(each.done());
        completeStop(stopped);
        return stopped.future();
    }

    /** Stores how far everything is decided. Only after {@link #stop} and after the log was flushed. */
    public void saveLast() {
        for (int i = 0; i < 2 && halves.unsaved(); i++) halves.save(marks.flushed());
    }

    @Override
    public void end(EndTransaction end, Promise<@Nullable String> done) {
        @Nullable HalfDecisions ready = decisions;
        if (ready == null || stopping != null) {
            refuseStopping(done);
            return;
        }
        // The bell that tells of the half message may still be on its way.
        if (end.offset() >= halves.end()) halves.catchUp(MOST_ARRIVALS_PER_TURN, clock.monotonicNanos());
        if (!ready.end(end, done)) await(end, done);
    }

    /** The producer was answered before the half message was in its queue: its word waits for that. */
    private void await(EndTransaction end, Promise<@Nullable String> done) {
        if (early.size() == MOST_EARLY) {
            done.fail(new Registry.RefusedException(new Refused(
                    Refusal.BUSY,
                    MOST_EARLY + " ends of transactions wait for their half messages; send again later")));
            return;
        }
        early.add(new Early(end, done));
        happened.ring();
    }

    @Override
    public void undecided(long offset, Promise<Boolean> answer) {
        @Nullable HalfDecisions ready = decisions;
        if (ready == null || stopping != null) {
            refuseStopping(answer);
            return;
        }
        if (offset >= halves.end()) halves.catchUp(MOST_ARRIVALS_PER_TURN, clock.monotonicNanos());
        boolean told = ready.isUnderWay(offset)
                || early.stream().anyMatch(each -> each.end().offset() == offset);
        answer.complete(!told && (offset >= halves.end() || halves.find(offset) != null));
    }

    @Override
    public void resume(long position, Promise<Void> done) {
        @Nullable HalfDecisions ready = decisions;
        if (ready == null || stopping != null) {
            refuseStopping(done);
        } else {
            ready.resume(position, done);
            arm(ready);
        }
    }

    @Override
    public void pending(long from, int most, Promise<PendingHalves> answer) {
        answer.complete(halves.pending(from, most, MOST_LOOKED_AT, clock.monotonicNanos()));
    }

    @Override
    public void decide(long offset, long position, EndTransaction.Outcome outcome, Promise<@Nullable String> done) {
        @Nullable HalfDecisions ready = decisions;
        if (ready == null || stopping != null) {
            refuseStopping(done);
            return;
        }
        if (offset >= halves.end()) halves.catchUp(MOST_ARRIVALS_PER_TURN, clock.monotonicNanos());
        @Nullable Half half = halves.find(offset);
        if (half == null || half.position() != position) {
            done.fail(new Registry.RefusedException(new Refused(
                    Refusal.ILLEGAL_OPERATION,
                    "no half message is undecided there; it was committed, rolled back or given up before")));
        } else if (ready.isUnderWay(offset)) {
            done.fail(new Registry.RefusedException(
                    new Refused(Refusal.BUSY, "the half message is being decided in this moment")));
        } else {
            // As an answer to a check: an operator may decide what is late.
            ready.end(new EndTransaction(half.group(), offset, position, outcome, true, null), done);
        }
    }

    private static void refuseStopping(Promise<?> done) {
        done.fail(new Registry.RefusedException(new Refused(Refusal.NOT_WRITABLE, "the broker is stopping")));
    }

    private void answered() {
        @Nullable Promise<Void> stopped = stopping;
        if (stopped != null) {
            completeStop(stopped);
        } else {
            plan();
        }
    }

    private void plan() {
        if (lookPlanned) return;
        lookPlanned = true;
        context.runOnContext(now -> look());
    }

    private void completeStop(Promise<Void> stopped) {
        if (decisions == null || decisions.underWay() == 0) stopped.tryComplete();
    }

    private void look() {
        lookPlanned = false;
        @Nullable HalfDecisions ready = decisions;
        if (ready == null || stopping != null) return;
        boolean more = halves.catchUp(MOST_ARRIVALS_PER_TURN, clock.monotonicNanos());
        for (int left = early.size(); left > 0; left--) {
            Early each = early.remove();
            if (!ready.end(each.end(), each.done())) early.add(each);
        }
        makeWay(ready);
        check(ready);
        counts.pending(halves.size());
        saveSoon();
        if (more) {
            plan();
        } else {
            arm(ready);
        }
    }

    private void makeWay(HalfDecisions ready) {
        long to = deletionTo;
        // After a refusal housekeeping asks again; an answer that fails at once must not lead here without end.
        if (halves.oldestPosition() >= to || ready.failedLately()) return;
        for (Half half : halves.takeBefore(to, MOST_MAKING_WAY_PER_TURN)) {
            ready.giveUp(half, "its file is to be deleted", true);
        }
    }

    private void check(HalfDecisions ready) {
        if (checking) return;
        List<Half> due = new ArrayList<>();
        int bytes = 0;
        for (int i = 0; i < MOST_CHECKS_PER_TURN && bytes < MOST_CHECKED_BYTES_PER_TURN && ready.mayGiveUp(); i++) {
            @Nullable Half half = halves.nextDue(clock.monotonicNanos());
            if (half == null) break;
            bytes += half.sizeBytes();
            if (half.exhausted()) {
                ready.giveUp(half, "nobody decided it", false);
            } else {
                due.add(half);
            }
        }
        @Nullable CheckBacks asking = checks;
        if (due.isEmpty() || asking == null) return;
        checking = true;
        asking.send(due, sent -> {
            checking = false;
            if (stopping == null) sleep(1 + sent * 1_000L / CHECKS_PER_SECOND);
        });
    }

    private void arm(HalfDecisions ready) {
        // A turn that is under way, and answers to what is given up, lead here again.
        if (checking || !ready.mayGiveUp()) return;
        long sleep = halves.sleepMillis(clock.monotonicNanos());
        if (sleep == 0) {
            plan();
        } else if (sleep != HalfMessages.NEVER) {
            sleep(sleep);
        }
    }

    private void sleep(long millis) {
        if (timer != NONE) vertx.cancelTimer(timer);
        timer = vertx.setTimer(millis, id -> {
            timer = NONE;
            look();
        });
    }

    private void saveSoon() {
        if (saveTimer != NONE || !halves.unsaved()) return;
        saveTimer = vertx.setTimer(SAVE_MILLIS, id -> {
            saveTimer = NONE;
            halves.save(marks.flushed());
            saveSoon();
        });
    }
}
