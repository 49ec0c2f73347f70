package io.vostok.service;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.eventbus.DeliveryOptions;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.flow.FlowCounters;
import io.vostok.broker.flow.FlowKit;
import io.vostok.model.QueueId;
import io.vostok.store.StoreException;
import io.vostok.store.Stored;
import io.vostok.store.timer.WaitingMessages;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DueCopiesTest {
    private static final QueueId QUEUE = new QueueId(PopKit.TOPIC, 0);

    private final PopKit kit = new PopKit(false, 1, 1);
    private final List<String> told = new ArrayList<>();
    private final Log log = new Log();
    private final DueCopies<String> copies = new DueCopies<>(
            "test",
            new Waiting(),
            new MessageCopy(
                    kit.store.view(),
                    log,
                    new Appending(
                            "nowhere",
                            new DeliveryOptions(),
                            0,
                            FlowKit.noPressure(),
                            new FlowCounters(),
                            Endpoint.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 10_911)),
                            true)),
            kit.clock,
            () -> told.add("answered"));

    @Test
    void offersAgainWhatTheLogDoesNotTakeNow() {
        read();
        log.busy = new Refused(Refusal.BUSY, "busy");
        copies.append("m", QUEUE);
        assertThat(told).containsExactly("failed m");

        log.busy = null;
        for (StoreException.Kind kind : StoreException.Kind.values()) {
            if (kind == StoreException.Kind.TOO_LARGE) continue;
            told.clear();
            copies.append("m", QUEUE);
            requireNonNull(log.listener).failed(new StoreException(kind, "refused"));
            assertThat(told).as(kind.toString()).containsExactly("failed m", "answered");
        }
        told.clear();
        copies.append("m", QUEUE);
        requireNonNull(log.listener).stored(new Stored(100, 200, 0, 0));
        assertThat(told).containsExactly("delivered m to 200", "answered");
    }

    @Test
    void passesOverWhatFitsNoFileOfTheLog() {
        read();
        copies.append("m", QUEUE);
        requireNonNull(log.listener).failed(new StoreException(StoreException.Kind.TOO_LARGE, "too large"));

        assertThat(told).containsExactly("passed over m", "answered");
    }

    @Test
    void passesOverWhatTheLogNoLongerHolds() {
        assertThat(copies.read("m", 1 << 30, 100)).isFalse();

        assertThat(told).containsExactly("passed over m");
    }

    private void read() {
        Stored stored = kit.send(0, "m");
        int size = (int) (stored.endPosition() - stored.position());
        assertThat(copies.read("m", stored.position(), size)).isTrue();
    }

    private final class Waiting implements WaitingMessages<String> {
        @Override
        public void delivered(String due, long endPosition) {
            told.add("delivered " + due + " to " + endPosition);
        }

        @Override
        public void failed(String due, long nowNanos) {
            told.add("failed " + due);
        }

        @Override
        public void passedOver(String due) {
            told.add("passed over " + due);
        }
    }

    /** Takes one record at a time. */
    private static final class Log implements RecordSink {
        private @Nullable Refused busy;
        private @Nullable AppendListener listener;

        @Override
        public @Nullable Refused admission(int sizeBytes) {
            return busy;
        }

        @Override
        public ByteBuffer room(int sizeBytes) {
            return ByteBuffer.allocate(sizeBytes);
        }

        @Override
        public void append(QueueId queue, int sizeBytes, int count, AppendListener hears) {
            listener = hears;
        }

        @Override
        public void afterTurn(Runnable work) {
            throw new UnsupportedOperationException("nothing is put off here");
        }
    }
}
