package io.vostok.service;

import io.vertx.core.Promise;
import io.vostok.broker.Refused;
import io.vostok.model.QueueId;
import io.vostok.store.StoreException;
import io.vostok.store.Stored;
import io.vostok.store.pop.InFlight;
import io.vostok.store.pop.PopCheckpoint;
import io.vostok.store.pop.PopOrder;
import io.vostok.store.pop.PopQueue;
import io.vostok.store.pop.PopReplay;
import io.vostok.store.pop.ReviveEntry;
import io.vostok.time.Clock;
import io.vostok.wire.body.PopAckBody;
import io.vostok.wire.record.RecordEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes to the revive topic what is in flight and what no longer is. Acks of one checkpoint in one tick become one record. The
 * pop owner's event loop.
 */
final class PopLog {
    private static final long FIRST_PAUSE_NANOS = 100_000_000;
    private static final long LONGEST_PAUSE_NANOS = 5_000_000_000L;

    private final InFlight inFlight;
    private final RecordSink log;
    private final Endpoint storeHost;
    private final boolean recordCrc;
    private final String brokerName;
    private final Clock clock;
    private final Runnable answered;
    private final RecordEncoder encoder = new RecordEncoder();
    private final byte[] topic;
    private Map<PopCheckpoint, Acks> acks = new LinkedHashMap<>();
    private int underWay;
    private boolean paused;
    private long pauseNanos;
    private long resumeNanos;

    /** @param answered runs after each answer of the log */
    PopLog(
            InFlight inFlight,
            RecordSink log,
            Endpoint storeHost,
            boolean recordCrc,
            String brokerName,
            Clock clock,
            Runnable answered) {
        this.inFlight = inFlight;
        this.log = log;
        this.storeHost = storeHost;
        this.recordCrc = recordCrc;
        this.brokerName = brokerName;
        this.clock = clock;
        this.answered = answered;
        this.topic = inFlight.reviveTopic().value().getBytes(StandardCharsets.US_ASCII);
    }

    /** Acks of one checkpoint that one record will hold. */
    private record Acks(List<Long> offsets, List<Promise<Void>> waiting) {}

    /** Returns how many records the log has not answered. */
    int underWay() {
        return underWay + acks.size();
    }

    /** Tells whether the log refused an entry a moment ago, and none is to be offered again before {@link #resumeNanos}. */
    boolean paused(long nowNanos) {
        return paused && resumeNanos - nowNanos > 0;
    }

    /** Returns when entries that the log refused may be offered again, on the monotonic clock. */
    long resumeNanos() {
        return resumeNanos;
    }

    /** Those that were offered together are refused together: the pause grows only by what was offered after the last. */
    private void pause() {
        long now = clock.monotonicNanos();
        if (paused(now)) return;
        pauseNanos = paused ? Math.min(LONGEST_PAUSE_NANOS, pauseNanos * 2) : FIRST_PAUSE_NANOS;
        paused = true;
        resumeNanos = now + pauseNanos;
    }

    /** Writes an entry as it is now. */
    void write(ReviveEntry entry) {
        write(entry, null);
    }

    /** @param done completes when the record is in the log */
    void write(ReviveEntry entry, @Nullable Promise<Void> done) {
        shipAcks(); // What was acked before comes first.
        boolean order = entry instanceof PopOrder;
        byte[] body = entry instanceof PopOrder batch
                ? batch.body(clock.wallMillis(), clock.monotonicNanos()).write()
                : ((PopCheckpoint) entry).body(brokerName).write();
        append(
                entry.queue(),
                order ? PopReplay.ORDER : PopReplay.CHECKPOINT,
                body,
                new EntryAnswer(entry, entry.version(), done));
    }

    /** Writes, at the end of this tick, that {@link InFlight#ack} has taken this message out. */
    void ack(PopCheckpoint checkpoint, int index, @Nullable Promise<Void> done) {
        if (acks.isEmpty()) log.afterTurn(this::shipAcks);
        Acks ofCheckpoint = acks.computeIfAbsent(checkpoint, none -> new Acks(new ArrayList<>(), new ArrayList<>()));
        ofCheckpoint.offsets().add(checkpoint.offset(index));
        if (done != null) ofCheckpoint.waiting().add(done);
    }

    private void shipAcks() {
        if (acks.isEmpty()) return;
        Map<PopCheckpoint, Acks> shipped = acks;
        acks = new LinkedHashMap<>();
        shipped.forEach((checkpoint, ofCheckpoint) -> {
            PopQueue queue = checkpoint.queue();
            PopAckBody body = new PopAckBody(
                    ofCheckpoint.offsets(),
                    checkpoint.startOffset(),
                    queue.group().value(),
                    queue.queue().topic().value(),
                    queue.queue().index(),
                    checkpoint.popMillis(),
                    brokerName);
            append(
                    queue,
                    ofCheckpoint.offsets().size() == 1 ? PopReplay.ACK : PopReplay.BATCH_ACK,
                    body.write(),
                    new AckAnswer(checkpoint, ofCheckpoint));
        });
    }

    private void append(PopQueue queue, String tag, byte[] body, Answer answer) {
        byte[] properties = ("TAGS\u0001" + tag + "\u0002").getBytes(StandardCharsets.US_ASCII);
        int size = RecordEncoder.sizeBytes(
                storeHost.address().length,
                storeHost.address().length,
                body.length,
                topic.length,
                RecordEncoder.storedPropertiesBytes(properties, 0, properties.length, recordCrc));
        @Nullable Refused busy = log.admission(size);
        if (busy != null) {
            answer.refused(new Registry.RefusedException(busy));
            answered.run();
            return;
        }
        encoder.encode(
                log.room(size),
                queue.reviveQueue(),
                0,
                0,
                clock.wallMillis(),
                storeHost.address(),
                storeHost.port(),
                storeHost.address(),
                storeHost.port(),
                0,
                0,
                ByteBuffer.wrap(body),
                topic,
                properties,
                0,
                properties.length,
                recordCrc);
        underWay++;
        log.append(new QueueId(inFlight.reviveTopic(), queue.reviveQueue()), size, 1, answer);
    }

    private abstract class Answer implements AppendListener {
        abstract void refused(RuntimeException cause);

        abstract void done(Stored stored);

        @Override
        public void stored(Stored stored) {
            underWay--;
            done(stored);
            answered.run();
        }

        @Override
        public void flushTimedOut(Stored stored) {
            // It is in the log; what depends on its being durable looks at the flushed mark.
            stored(stored);
        }

        @Override
        public void failed(StoreException failure) {
            underWay--;
            refused(failure);
            answered.run();
        }
    }

    private final class EntryAnswer extends Answer {
        private final ReviveEntry entry;
        private final int version;
        private final @Nullable Promise<Void> done;

        EntryAnswer(ReviveEntry entry, int version, @Nullable Promise<Void> done) {
            this.entry = entry;
            this.version = version;
            this.done = done;
        }

        @Override
        void done(Stored stored) {
            paused = false;
            inFlight.stored(entry, version, stored.queueOffset(), stored.endPosition());
            if (done != null) done.tryComplete();
        }

        @Override
        void refused(RuntimeException cause) {
            pause();
            inFlight.notStored(entry);
            if (done != null) done.tryFail(cause);
        }
    }

    private final class AckAnswer extends Answer {
        private final PopCheckpoint checkpoint;
        private final Acks acked;

        AckAnswer(PopCheckpoint checkpoint, Acks acked) {
            this.checkpoint = checkpoint;
            this.acked = acked;
        }

        @Override
        void done(Stored stored) {
            inFlight.ackStored(checkpoint, acked.offsets().size(), stored.queueOffset(), stored.endPosition());
            acked.waiting().forEach(Promise::tryComplete);
        }

        @Override
        void refused(RuntimeException cause) {
            pause();
            inFlight.ackFailed(checkpoint, acked.offsets().size());
            acked.waiting().forEach(waiting -> waiting.tryFail(cause));
        }
    }
}
