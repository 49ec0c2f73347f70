package io.vostok.service;

import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vostok.broker.HoldDeadline;
import io.vostok.broker.pull.WaitingPulls;
import io.vostok.broker.session.ClientChannel;
import io.vostok.model.QueueId;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.RecordFilter;
import io.vostok.time.Clock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The waiting pulls of one event loop. Driven by its PullVerticle; used only on that loop, except {@link #tell}.
 *
 * <p>No poll stands behind it: a pull wakes by the bell of dispatch, or by the one timer for the earliest deadline.
 */
public final class LoopPulls implements ArrivalHearer {
    private static final long NO_TIMER = -1;

    private final Vertx vertx;
    private final String address;
    private final DeliveryOptions byReference;
    private final ConsumeQueues queues;
    private final Clock clock;
    private final WaitingPulls<ParkedPull> waiting;
    private @Nullable Rerun rerun;
    private long timer = NO_TIMER;
    private long timerDeadlineNanos;
    /** Read by the dispatching thread: whether a bell is worth ringing. */
    private volatile boolean someWait;

    /**
     * @param address where arrivals for this loop are sent
     * @param byReference options under which {@link ArrivalBatch} travels
     * @param most pulls that may wait on this loop
     */
    public LoopPulls(
            Vertx vertx, String address, DeliveryOptions byReference, ConsumeQueues queues, Clock clock, int most) {
        this.vertx = vertx;
        this.address = address;
        this.byReference = byReference;
        this.queues = queues;
        this.clock = clock;
        this.waiting = new WaitingPulls<>(most);
    }

    /** Runs a pull that has waited. */
    @FunctionalInterface
    interface Rerun {
        /**
         * Runs it.
         *
         * @param mayWaitOn whether it may wait again until its deadline, if what woke it was not for it
         */
        void run(ParkedPull pull, boolean mayWaitOn);
    }

    /** Names what runs a pull again once it has waited; before the first pull. */
    void whenWoken(Rerun again) {
        rerun = again;
    }

    /** Returns where arrivals for this loop are sent. */
    public String address() {
        return address;
    }

    /** Tells this loop what has arrived, if anybody waits here. */
    @Override
    public boolean tell(ArrivalBatch arrivals) {
        if (!someWait) return false;
        vertx.eventBus().send(address, arrivals, byReference);
        return true;
    }

    /** How a wish to wait ended. */
    enum Parking {
        WAITS,
        /** The queue has grown since it was read: read again. */
        GREW,
        /** Too many wait already. */
        FULL
    }

    /** Returns when a pull is answered at the latest that may wait for {@code holdMillis} from now. */
    long deadlineNanos(long holdMillis) {
        return HoldDeadline.of(clock.monotonicNanos(), holdMillis);
    }

    /** Lets a pull wait that found nothing before {@code pull.scannedTo()}, where it has read to the queue's end. */
    Parking park(ParkedPull pull, QueueId queue, RecordFilter filter) {
        // Set before the last look at the queue: dispatch publishes the queue's end before it asks whether anybody
        // waits,
        // so one of the two sees the other.
        someWait = true;
        @Nullable ConsumeQueue grown = queues.find(queue);
        if (grown != null && grown.maxOffset() > pull.scannedTo()) {
            settle();
            return Parking.GREW;
        }
        boolean waits = waiting.park(pull, queue, pull.scannedTo(), filter, pull.deadlineNanos(), pull.channel());
        settle();
        return waits ? Parking.WAITS : Parking.FULL;
    }

    /** Wakes the pulls that the arrivals concern. */
    public void arrived(ArrivalBatch arrivals) {
        for (int i = 0; i < arrivals.size(); i++) {
            waiting.arrived(arrivals.queue(i), arrivals.nextOffset(i), arrivals.tagsCode(i), this::runAgain);
        }
        settle();
    }

    /** Lets the pulls that are meant look again now. */
    void wake(Predicate<ParkedPull> which) {
        waiting.released(which, this::runLast);
        settle();
    }

    /** Forgets the pulls of a connection that is gone. */
    public void closed(ClientChannel channel) {
        waiting.closed(channel);
        settle();
    }

    /** Answers every waiting pull now; the broker stops. */
    public void release() {
        waiting.expired(clock.monotonicNanos() + Long.MAX_VALUE / 2, this::runLast);
        settle();
    }

    private void runAgain(ParkedPull pull) {
        if (rerun != null) rerun.run(pull, true);
    }

    private void runLast(ParkedPull pull) {
        if (rerun != null) rerun.run(pull, false);
    }

    private void settle() {
        someWait = waiting.size() > 0;
        arm();
    }

    /** Keeps one timer for the earliest deadline; one that is early finds nothing expired and is set anew. */
    private void arm() {
        long next = waiting.nextDeadlineNanos();
        if (next == WaitingPulls.NONE) return;
        if (timer != NO_TIMER) {
            if (timerDeadlineNanos - next <= 0) return;
            vertx.cancelTimer(timer);
        }
        long millis = Math.max(1, (next - clock.monotonicNanos() + 999_999) / 1_000_000);
        timerDeadlineNanos = next;
        timer = vertx.setTimer(millis, id -> {
            timer = NO_TIMER;
            waiting.expired(clock.monotonicNanos(), this::runLast);
            settle();
        });
    }
}
