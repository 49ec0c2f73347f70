package io.vostok.front.http;

import io.vertx.core.Vertx;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.model.Topic;
import io.vostok.service.Broker;
import io.vostok.time.Clock;
import io.vostok.wire.record.RecordView;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One reader that follows a topic. A waiting pull on each queue; what comes in while the reader has not taken the last yet
 * is not kept but read again, so a slow one costs what its sink holds and one answer. Used on one event loop.
 */
final class Tail {
    private static final int MESSAGES_A_READ = 16;
    private static final int BYTES_A_READ = 64 << 10;
    private static final long HOLD_MILLIS = 25_000;
    /** An empty answer that comes sooner was not held: too many wait on this broker. */
    private static final long HELD_AT_LEAST_MILLIS = 1_000;

    private static final long BEAT_MILLIS = 15_000;

    private final Vertx vertx;
    private final Broker broker;
    private final Clock clock;
    private final String topic;
    private final Reader reader;
    private final MessageJson.BodyForm form;
    private final Sink sink;
    private final HttpPeer peer;
    private final Runnable whenEnded;
    private final long beat;
    private long[] next;
    private boolean[] reading;
    private boolean draining;
    private boolean ended;

    /**
     * @param next offset of each queue from which it reads
     * @param peerId no other peer has or had
     * @param whenEnded called once
     */
    Tail(
            Vertx vertx,
            Broker broker,
            Clock clock,
            String topic,
            Reader reader,
            MessageJson.BodyForm form,
            long[] next,
            Sink sink,
            long peerId,
            String address,
            Runnable whenEnded) {
        this.vertx = vertx;
        this.broker = broker;
        this.clock = clock;
        this.topic = topic;
        this.reader = reader;
        this.form = form;
        this.next = next;
        this.reading = new boolean[next.length];
        this.sink = sink;
        this.peer = new HttpPeer(peerId, address, this::end);
        this.whenEnded = whenEnded;
        this.beat = vertx.setPeriodic(BEAT_MILLIS, id -> onBeat());
    }

    void start() {
        readAll();
    }

    /** Ends the stream and what waits for it. */
    void end() {
        if (ended) return;
        ended = true;
        vertx.cancelTimer(beat);
        broker.closed(peer);
        sink.close();
        whenEnded.run();
    }

    private void onBeat() {
        @Nullable Topic now = broker.topic(topic);
        if (now == null) {
            sink.notice("deleted", "topic `" + topic + "` was deleted");
            end();
            return;
        }
        if (!sink.isFull()) sink.beat();
        int queues = Math.min(now.readQueues(), Cursor.MOST_QUEUES);
        if (queues <= next.length) return;
        // New queues are read from their start: what is in them came after this reader.
        next = Arrays.copyOf(next, queues);
        reading = Arrays.copyOf(reading, queues);
        readAll();
    }

    private void readAll() {
        for (int queue = 0; queue < next.length && !ended; queue++) read(queue);
    }

    private void read(int queue) {
        if (ended || reading[queue]) return;
        if (sink.isFull()) {
            waitForRoom();
            return;
        }
        reading[queue] = true;
        reader.read(queue, next[queue], MESSAGES_A_READ, BYTES_A_READ, HOLD_MILLIS, peer, new Turn(queue));
    }

    private void waitForRoom() {
        if (draining) return;
        draining = true;
        sink.whenDrained(() -> {
            draining = false;
            readAll();
        });
    }

    /** One answer to come. */
    private final class Turn implements Reader.Listener {
        private final int queue;
        private final long startNanos = clock.monotonicNanos();
        private boolean left;

        Turn(int queue) {
            this.queue = queue;
        }

        @Override
        public void message(RecordView record) {
            // What finds no room stays in the queue.
            if (ended || left) return;
            if (sink.isFull()) {
                left = true;
                next[queue] = record.queueOffset();
                return;
            }
            next[queue] = record.queueOffset() + 1;
            sink.message(Cursor.write(next), MessageJson.of(record, form));
        }

        @Override
        public void end(long nextOffset, boolean atEnd, boolean moved) {
            reading[queue] = false;
            if (ended) return;
            if (moved) {
                sink.notice(
                        "moved",
                        "queue " + queue + " no longer holds offset " + next[queue] + ", the stream goes on at "
                                + nextOffset);
            }
            boolean empty = nextOffset == next[queue];
            if (!left) next[queue] = nextOffset;
            long heldMillis = (clock.monotonicNanos() - startNanos) / 1_000_000;
            if (empty && heldMillis < HELD_AT_LEAST_MILLIS) {
                vertx.setTimer(HELD_AT_LEAST_MILLIS, id -> read(queue));
            } else {
                // Not from here: an answer that is there at once would call itself without end.
                vertx.runOnContext(again -> read(queue));
            }
        }

        @Override
        public void refused(Refused refused) {
            reading[queue] = false;
            if (ended) return;
            if (refused.refusal() == Refusal.BUSY || refused.refusal() == Refusal.FLOW_CONTROL) {
                vertx.setTimer(HELD_AT_LEAST_MILLIS, id -> read(queue));
                return;
            }
            sink.notice("refused", refused.words());
            Tail.this.end();
        }
    }
}
