package io.vostok.verticle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vostok.broker.flow.FlowCounters;
import io.vostok.broker.flow.FlowEvent;
import io.vostok.broker.flow.WritePressure;
import io.vostok.bus.Bell;
import io.vostok.metrics.Tally;
import io.vostok.metrics.Traffic;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.service.AppendBatch;
import io.vostok.store.CommitLog;
import io.vostok.store.FirstSend;
import io.vostok.store.Flusher;
import io.vostok.store.RecentSends;
import io.vostok.store.StoreException;
import io.vostok.store.Stored;
import io.vostok.store.Watermarks;
import io.vostok.store.dedupe.RepeatKeys;
import io.vostok.time.Clock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The single writer of the log: takes one batch per event-loop tick of each loop, appends it and gives it back when it is
 * confirmed and its messages are in their queues. Its event loop also serves connections, so that a lone send needs no
 * wake-up of another thread.
 */
public final class CommitLogVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(CommitLogVerticle.class);

    /** Housekeeping is rung when the log has fewer allocated bytes than this share of what it keeps ahead. */
    private static final int LOW_ROOM_DIVISOR = 2;

    /** What the verticle hears and rings. */
    public record Bells(Bell flushed, Bell dirty, Bell room) {}

    /** A batch that waits for its flush since {@code sinceNanos}. */
    private record Waiting(AppendBatch batch, long sinceNanos) {}

    private final CommitLog log;
    private final Flusher flusher;
    private final @Nullable RecentSends recent;
    private final Watermarks marks;
    private final WritePressure pressure;
    private final FlowCounters counters;
    private final Clock clock;
    private final String address;
    private final Bells bells;
    private final DispatchVerticle dispatch;
    private final boolean syncFlush;
    private final Duration syncFlushTimeout;
    private final long lowRoomBytes;
    private final Traffic traffic;
    private final Tally puts;
    private final ArrayDeque<Waiting> unflushed = new ArrayDeque<>();
    private long timeoutTimer = -1;
    private boolean stalled;

    /**
     * @param recent knows repeated sends; null to store each of them
     * @param dispatch runs on this verticle's context, from its start to its end
     */
    public CommitLogVerticle(
            CommitLog log,
            Flusher flusher,
            @Nullable RecentSends recent,
            Watermarks marks,
            WritePressure pressure,
            FlowCounters counters,
            Clock clock,
            String address,
            Bells bells,
            DispatchVerticle dispatch,
            boolean syncFlush,
            Duration syncFlushTimeout,
            int touchAheadBytes,
            Traffic traffic) {
        this.log = log;
        this.flusher = flusher;
        this.recent = recent;
        this.marks = marks;
        this.pressure = pressure;
        this.counters = counters;
        this.clock = clock;
        this.address = address;
        this.bells = bells;
        this.dispatch = dispatch;
        this.syncFlush = syncFlush;
        this.syncFlushTimeout = syncFlushTimeout;
        this.lowRoomBytes = touchAheadBytes / LOW_ROOM_DIVISOR;
        this.traffic = traffic;
        this.puts = traffic.puts().tally();
    }

    @Override
    public Future<?> start() throws Exception {
        vertx.eventBus().<AppendBatch>localConsumer(address, message -> append(message.body()));
        bells.flushed().hear(this::answerFlushed);
        return dispatch.deploy(context);
    }

    @Override
    public Future<?> stop() throws Exception {
        return dispatch.undeploy(context);
    }

    /** Ends a topic's life in the log: see {@link CommitLog#forget}. Any thread. */
    public Future<Long> forget(TopicName topic) {
        Promise<Long> done = Promise.promise();
        context.runOnContext(now -> {
            try {
                done.complete(log.forget(topic));
            } catch (RuntimeException bug) {
                done.fail(bug);
            }
        });
        return done.future();
    }

    private void append(AppendBatch batch) {
        @Nullable StoreException stall = stall();
        if (stall != null) {
            for (int i = 0; i < batch.size(); i++) batch.failed(i, stall);
            batch.giveBack();
            return;
        }
        long now = clock.wallMillis();
        long nanos = clock.monotonicNanos();
        pressure.appending(nanos);
        ByteBuffer encoded = batch.encoded();
        if (recent != null && batch.size() > 1) {
            for (int i = 0; i < batch.size(); i++) recent.fetch(batch.key(i));
        }
        for (int i = 0; i < batch.size(); i++) {
            encoded.limit(batch.end(i)).position(batch.start(i));
            try {
                append(batch, i, encoded, now, nanos);
            } catch (StoreException refused) {
                batch.failed(i, refused);
            } catch (RuntimeException bug) {
                // It must not keep the rest of the batch from its answers.
                LOG.error("append failed queue={} bytes={}", batch.queue(i), encoded.remaining(), bug);
                batch.failed(i, new StoreException(StoreException.Kind.FAILED, String.valueOf(bug.getMessage()), bug));
            }
        }
        pressure.appended();
        traffic.appends().add(clock.monotonicNanos() - nanos, batch.size());
        if (log.roomBytes() < lowRoomBytes) bells.room().ring();
        if (batch.appendedTo() == 0) {
            batch.giveBack();
            return;
        }
        bells.dirty().ring();
        boolean durable = batch.appendedTo() <= marks.flushed(); // nothing but repeats
        if (syncFlush && !durable) {
            unflushed.add(new Waiting(batch, nanos));
            armTimeout();
        } else {
            dispatch.beforeAnswers();
            batch.giveBack();
        }
    }

    private void count(AppendBatch batch, int i) {
        @Nullable List<QueueId> queues = batch.queues(i);
        int bytes = batch.end(i) - batch.start(i);
        if (queues == null) {
            puts.add(batch.queue(i).topic().value(), Tally.NO_GROUP, batch.count(i), bytes);
            return;
        }
        for (QueueId queue : queues) puts.add(queue.topic().value(), Tally.NO_GROUP, 1, bytes / queues.size());
    }

    /** What is acknowledged while a disk hangs would be lost with the machine, and there is no end to it. */
    private @Nullable StoreException stall() {
        @Nullable StoreException stall = flusher.stall(clock.monotonicNanos());
        if (stalled != (stall != null)) {
            stalled = stall != null;
            if (stall != null) LOG.error("sends refused reason=\"{}\"", stall.getMessage());
            else LOG.info("sends accepted again, the disk answers");
        }
        return stall;
    }

    private void append(AppendBatch batch, int index, ByteBuffer encoded, long wallMillis, long nanos) {
        long key = batch.key(index);
        @Nullable RecentSends known = key == RepeatKeys.NONE ? null : recent;
        // A poisoned store vouches for nothing, not even for what it has.
        if (known != null && poison() == null) {
            @Nullable FirstSend first = known.first(key, encoded, batch.count(index), nanos);
            if (first != null) {
                counters.count(FlowEvent.SEND_REPEATED);
                batch.repeats(index, first);
                return;
            }
        }
        @Nullable List<QueueId> queues = batch.queues(index);
        Stored stored = queues == null
                ? log.append(batch.queue(index), encoded, batch.count(index), wallMillis)
                : log.append(queues, encoded, wallMillis);
        batch.stored(index, stored);
        count(batch, index);
        if (known != null) known.remember(key, stored.position(), nanos);
    }

    private void answerFlushed() {
        long flushed = marks.flushed();
        if (syncFlush) dispatch.beforeAnswers();
        @Nullable StoreException poisoned = poison();
        for (@Nullable Waiting first = unflushed.peek(); first != null; first = unflushed.peek()) {
            if (first.batch().appendedTo() > flushed) {
                if (poisoned == null) break;
                first.batch().failAll(poisoned);
            }
            unflushed.remove();
            first.batch().giveBack();
        }
    }

    private @Nullable StoreException poison() {
        @Nullable StoreException refusal = log.refusal();
        return refusal != null && refusal.kind() == StoreException.Kind.POISONED ? refusal : null;
    }

    /** Runs only while something waits. */
    private void armTimeout() {
        if (timeoutTimer >= 0) return;
        timeoutTimer = vertx.setTimer(Math.max(1, syncFlushTimeout.toMillis()), id -> {
            timeoutTimer = -1;
            long oldest = clock.monotonicNanos() - syncFlushTimeout.toNanos();
            for (@Nullable Waiting first = unflushed.peek(); first != null; first = unflushed.peek()) {
                if (first.sinceNanos() - oldest > 0) break;
                unflushed.remove();
                first.batch().timeOut();
                first.batch().giveBack();
            }
            if (!unflushed.isEmpty()) armTimeout();
        });
    }
}
