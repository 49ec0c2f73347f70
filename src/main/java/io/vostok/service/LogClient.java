package io.vostok.service;

import io.netty.buffer.ByteBufAllocator;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.flow.FlowCounters;
import io.vostok.broker.flow.FlowEvent;
import io.vostok.broker.flow.WritePressure;
import io.vostok.model.QueueId;
import io.vostok.store.dedupe.RepeatKeys;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The only way into the log: gathers the appends of one event-loop tick and ships them as one batch.
 *
 * <p>One per event loop and used only there. Push-back happens here: when the bytes that wait for their confirmation
 * reach the limit, new appends are refused with the name of that limit.
 */
public final class LogClient implements RecordSink {
    /** A batch this large is shipped before the tick ends, so that one buffer does not grow without need. */
    private static final int SHIP_BYTES = 1 << 20;

    private static final int FIRST_BYTES = 1 << 16;

    private final Vertx vertx;
    private final ContextInternal context;
    private final String address;
    private final DeliveryOptions byReference;
    private final long limitBytes;
    private final WritePressure pressure;
    private final FlowCounters counters;
    private final Handler<Void> ship = tick -> ship();
    private @Nullable AppendBatch batch;
    /** An empty one for the next tick: its memory was used a moment ago. */
    private @Nullable AppendBatch spare;

    private boolean shipping;
    private long inFlightBytes;
    /** The same for other threads; published after each change. */
    private volatile long inFlightBytesSeen;

    /**
     * @param address of CommitLogVerticle
     * @param byReference options under which {@link AppendBatch} travels
     * @param limitBytes encoded bytes of this event loop that may wait for confirmation
     * @param pressure whether the disk keeps up
     */
    public LogClient(
            Vertx vertx,
            ContextInternal context,
            String address,
            DeliveryOptions byReference,
            long limitBytes,
            WritePressure pressure,
            FlowCounters counters) {
        this.vertx = vertx;
        this.context = context;
        this.address = address;
        this.byReference = byReference;
        this.limitBytes = limitBytes;
        this.pressure = pressure;
        this.counters = counters;
    }

    /** Returns the context on which everything here happens. */
    ContextInternal loop() {
        return context;
    }

    /** Returns why {@code sizeBytes} more cannot be taken now, or null when they can. One append is always let in. */
    @Override
    public @Nullable Refused admission(int sizeBytes) {
        // Once a batch, not for each of its appends: it asks the clock.
        @Nullable Refused slow = batch == null ? pressure.refusal() : null;
        if (slow != null) return slow;
        if (inFlightBytes == 0 || inFlightBytes + sizeBytes <= limitBytes) return null;
        counters.count(FlowEvent.REFUSED_IN_FLIGHT_BYTES);
        return new Refused(
                Refusal.BUSY,
                "[REJECTREQUEST] the broker holds " + inFlightBytes + " bytes of messages that are not confirmed yet"
                        + " (limits.inFlightBytes per event loop " + limitBytes + "); send again later");
    }

    /** Returns where to encode {@code sizeBytes}; followed by {@link #append} before anything else happens here. */
    @Override
    public ByteBuffer room(int sizeBytes) {
        AppendBatch current = batch;
        if (current != null && current.sizeBytes() + sizeBytes > SHIP_BYTES) {
            ship();
            current = null;
        }
        if (current == null) {
            @Nullable AppendBatch free = spare;
            spare = null;
            current = free != null
                    ? free
                    : new AppendBatch(ByteBufAllocator.DEFAULT.directBuffer(Math.max(sizeBytes, FIRST_BYTES)), this);
            batch = current;
        }
        return current.room(sizeBytes);
    }

    /**
     * Appends what was encoded into {@link #room} as {@code count} records of {@code queue}, at the end of this tick.
     *
     * @param listener hears the outcome once, on this event loop
     */
    @Override
    public void append(QueueId queue, int sizeBytes, int count, AppendListener listener) {
        append(queue, sizeBytes, count, RepeatKeys.NONE, listener);
    }

    /**
     * As {@link #append(QueueId, int, int, AppendListener)}, for a send that may come a second time.
     *
     * @param key of {@link RepeatKeys}; when the same message was sent under it lately, its outcome is told instead
     */
    public void append(QueueId queue, int sizeBytes, int count, long key, AppendListener listener) {
        filling().add(queue, sizeBytes, count, key, listener);
        taken(sizeBytes);
    }

    /**
     * Appends what was encoded into {@link #room} as one record for each of {@code queues}, all of them or none, at the
     * end of this tick.
     *
     * @param listener hears the outcome once, on this event loop; of the first record's place
     */
    public void append(List<QueueId> queues, int sizeBytes, AppendListener listener) {
        filling().add(queues, sizeBytes, listener);
        taken(sizeBytes);
    }

    private AppendBatch filling() {
        @Nullable AppendBatch current = batch;
        if (current == null) throw new IllegalStateException("append without room");
        return current;
    }

    private void taken(int sizeBytes) {
        inFlightBytes += sizeBytes;
        inFlightBytesSeen = inFlightBytes;
        if (!shipping) {
            shipping = true;
            context.runOnContext(ship);
        }
    }

    @Override
    public void afterTurn(Runnable work) {
        context.runOnContext(turn -> work.run());
    }

    /** Returns encoded bytes that wait for their confirmation. Any thread. */
    public long inFlightBytes() {
        return inFlightBytesSeen;
    }

    private void ship() {
        shipping = false;
        AppendBatch full = batch;
        if (full == null || full.size() == 0) return;
        batch = null;
        vertx.eventBus().send(address, full, byReference);
    }

    /** Called by CommitLogVerticle's thread. */
    void takeBack(AppendBatch done) {
        if (context.inThread()) {
            deliver(done);
        } else {
            context.runOnContext(back -> deliver(done));
        }
    }

    private void deliver(AppendBatch done) {
        inFlightBytes -= done.sizeBytes();
        inFlightBytesSeen = inFlightBytes;
        try {
            done.deliver();
        } finally {
            if (spare == null && done.capacityBytes() <= SHIP_BYTES) {
                done.clear();
                spare = done;
            } else {
                done.release();
            }
        }
    }
}
