package io.vostok.role;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vostok.broker.Refused;
import io.vostok.broker.pop.PopRequest;
import io.vostok.broker.session.ClientChannel;
import io.vostok.broker.transaction.EndTransaction;
import io.vostok.kit.SimStore;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.GroupName;
import io.vostok.model.MessageProperties;
import io.vostok.model.OffsetMessageId;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.QueueId;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.service.PopHandle;
import io.vostok.service.PopOutcome;
import io.vostok.service.Popped;
import io.vostok.service.Registry;
import io.vostok.service.SendListener;
import io.vostok.service.Sent;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.transaction.HalfMessages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the broker itself appends when the log takes nothing: it is kept, tried again with pauses, and done when there is room. The
 * whole broker on virtual time.
 */
class RefusedAppendsTest {
    private static final TopicName ORDERS = new TopicName("orders");
    private static final QueueId QUEUE = new QueueId(ORDERS, 0);
    private static final GroupName GROUP = new GroupName("g");
    private static final QueueId RETRY = new QueueId(new TopicName("%RETRY%g_orders"), 0);
    /** Trying every 100 ms would be ten times as many. */
    private static final int MOST_BATCHES_A_MINUTE = 60;

    private final SimStore on = new SimStore();
    private SimBroker broker = start();

    /** Why the log takes nothing. */
    enum Why {
        /** Each append is refused, with its answer. */
        FULL,
        /** The disk hangs: nothing is let in at the door. */
        BUSY
    }

    @AfterEach
    void stop() {
        broker.forget();
    }

    private SimBroker start() {
        SimBroker started = new SimBroker(on, false, 1);
        started.await(started.registry.create(List.of(Topic.of(ORDERS, 1, 6)), List.of(ConsumerGroup.of(GROUP))));
        return started;
    }

    private void killAndStart() {
        broker.forget();
        on.disk = on.disk.crashProcess();
        broker = start();
        broker.sim.runAll();
    }

    private void isDeliveredOnceThereIsRoom(Why why) {
        refuse(why);
        waitInVain(Duration.ofMinutes(1));
        assertThat(size(QUEUE)).isEqualTo(before(why));

        room();
        assertThat(size(QUEUE)).isEqualTo(before(why) + 1);
        killAndStart();
        go(Duration.ofMinutes(1));
        assertThat(size(QUEUE)).as("not again").isEqualTo(before(why) + 1);
    }

    @ParameterizedTest
    @EnumSource
    void deliversAMessageOfALevelWhenThereIsRoom(Why why) {
        send(QUEUE, "m", new PropertiesEditor().put(MessageProperties.DELAY, 2));
        isDeliveredOnceThereIsRoom(why);
    }

    @ParameterizedTest
    @EnumSource
    void deliversATimedMessageWhenThereIsRoom(Why why) {
        send(QUEUE, "m", new PropertiesEditor().put(MessageProperties.TIMER_DELIVER_MS, on.clock.wallMillis() + 5_000));
        isDeliveredOnceThereIsRoom(why);
    }

    @ParameterizedTest
    @EnumSource
    void refusesACommitAndKeepsTheHalfMessage(Why why) {
        Sent half = half("m");
        refuse(why);

        Future<Void> refused = end(half);
        assertThat(refused.failed()).isTrue();
        assertThat(refused.cause()).isInstanceOf(Registry.RefusedException.class);
        waitInVain(Duration.ofSeconds(30));
        assertThat(size(QUEUE)).isEqualTo(before(why));

        room();
        assertThat(end(half).succeeded()).isTrue();
        assertThat(size(QUEUE)).isEqualTo(before(why) + 1);
        assertThat(size(HalfMessages.MARKS)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void givesUpAHalfMessageWhenThereIsRoom(Why why) {
        half("m");
        refuse(why);
        waitInVain(Duration.ofMinutes(3));
        assertThat(size(HalfMessages.GIVEN_UP)).isZero();
        assertThat(broker.counts.pending()).isEqualTo(1);

        room();
        assertThat(size(HalfMessages.GIVEN_UP)).isEqualTo(1);
        assertThat(broker.counts.pending()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void bringsAPoppedMessageBackWhenThereIsRoom(Why why) {
        send(QUEUE, "m", new PropertiesEditor());
        assertThat(pop(10_000)).hasSize(1);
        refuse(why);
        waitInVain(Duration.ofMinutes(1));
        assertThat(size(RETRY)).isZero();

        room();
        assertThat(size(RETRY)).isEqualTo(1);
        assertThat(broker.inFlight.held()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void writesWhatWasPoppedMeanwhileWhenThereIsRoom(Why why) {
        send(QUEUE, "m", new PropertiesEditor());
        refuse(why);
        int popped = pop(600_000).size();
        assertThat(popped).isPositive();
        waitInVain(Duration.ofMinutes(1));

        room();
        killAndStart();
        assertThat(broker.inFlight.held()).isEqualTo(popped);
    }

    @ParameterizedTest
    @EnumSource
    void writesAnAckThatWasRefusedWhenThereIsRoom(Why why) {
        send(QUEUE, "m", new PropertiesEditor());
        PopHandle mine = pop(20_000).get(0);
        refuse(why);
        Future<Void> ack = done(face -> face.ack(List.of(mine)));
        assertThat(ack.failed()).isTrue();
        waitInVain(Duration.ofMinutes(1));

        room();
        killAndStart();
        go(Duration.ofMinutes(1));
        assertThat(size(RETRY))
                .as("it was acked, though nobody could promise it")
                .isZero();
    }

    @Test
    void keepsNoMessageWaitingForATopicThatIsGone() {
        TopicName gone = new TopicName("gone");
        broker.await(broker.registry.create(List.of(Topic.of(gone, 1, 6)), List.of()));
        for (TopicName topic : List.of(gone, ORDERS)) {
            QueueId queue = new QueueId(topic, 0);
            send(queue, "level", new PropertiesEditor().put(MessageProperties.DELAY, 2));
            send(
                    queue,
                    "timed",
                    new PropertiesEditor().put(MessageProperties.TIMER_DELIVER_MS, on.clock.wallMillis() + 5_000));
        }
        long end = broker.store.log().forget(gone);
        broker.tables.topics(broker.tables.topics().without(gone, on.clock.wallMillis()));
        broker.store.housekeeping().deleteTopic(gone, end);

        go(Duration.ofMinutes(1));

        assertThat(size(QUEUE)).isEqualTo(2);
        // As with Apache's broker: who makes the topic again finds them.
        assertThat(size(new QueueId(gone, 0))).isEqualTo(2);
        assertThat(broker.timers.pending()).isZero();
    }

    @Test
    void deliversWhatWaitedToATopicThatTakesNoSendsAnyMore() {
        send(QUEUE, "level", new PropertiesEditor().put(MessageProperties.DELAY, 2));
        send(
                QUEUE,
                "timed",
                new PropertiesEditor().put(MessageProperties.TIMER_DELIVER_MS, on.clock.wallMillis() + 5_000));
        broker.tables.topics(broker.tables.topics().with(Topic.of(ORDERS, 1, 4), on.clock.wallMillis()));

        go(Duration.ofMinutes(1));

        assertThat(size(QUEUE)).isEqualTo(2);
    }

    // The log.

    private void refuse(Why why) {
        if (why == Why.FULL) {
            on.disk.pretendUsedRatio(0.99);
            broker.store.housekeeping().makeRoom();
        } else {
            broker.sim.hold(broker.flush, true);
            send(QUEUE, "never flushed", new PropertiesEditor());
            broker.sim.advance(Duration.ofSeconds(2));
        }
    }

    /** How many messages {@link #refuse} put into the queue. */
    private static int before(Why why) {
        return why == Why.BUSY ? 1 : 0;
    }

    private void waitInVain(Duration time) {
        int batches = broker.batches();
        long turns = broker.sim.turns();
        go(time);
        long minutes = Math.max(1, time.toMinutes());
        assertThat(broker.batches() - batches).as("batches").isLessThan((int) minutes * MOST_BATCHES_A_MINUTE);
        assertThat(broker.sim.turns() - turns).as("turns").isLessThan(minutes * 1_000);
    }

    private void room() {
        on.disk.pretendUsedRatio(Double.NaN);
        broker.sim.hold(broker.flush, false);
        go(Duration.ofSeconds(40));
    }

    private void go(Duration time) {
        long end = on.clock.wallMillis() + time.toMillis();
        broker.sim.runAll();
        while (on.clock.wallMillis() < end) {
            broker.sim.advanceToNext(Duration.ofMillis(end - on.clock.wallMillis()));
            broker.sim.runAll();
        }
    }

    // Clients.

    private Sent send(QueueId queue, String id, PropertiesEditor properties) {
        List<Sent> answers = new ArrayList<>();
        properties.put(MessageProperties.UNIQ_KEY, id + queue);
        broker.send(0, queue, properties, id, on.clock.wallMillis(), new SendListener() {
            @Override
            public void sent(Sent sent) {
                answers.add(sent);
            }

            @Override
            public void refused(Refused why) {
                throw new AssertionError(why.words());
            }
        });
        broker.sim.runAll();
        return answers.get(0);
    }

    private Sent half(String id) {
        return send(
                QUEUE,
                id,
                new PropertiesEditor()
                        .put(MessageProperties.TRAN_MSG, "true")
                        .put(MessageProperties.PGROUP, SimBroker.PRODUCERS));
    }

    private Future<Void> end(Sent half) {
        long position = OffsetMessageId.parse(half.messageId()).physicalOffset();
        return done(face -> face.endTransaction(new EndTransaction(
                SimBroker.PRODUCERS,
                half.queueOffset(),
                position,
                EndTransaction.Outcome.COMMIT,
                false,
                half.transactionId())));
    }

    private <T> Future<T> done(java.util.function.Function<io.vostok.service.Broker, Future<T>> question) {
        List<Future<T>> asked = new ArrayList<>();
        broker.onLoop(0, face -> asked.add(question.apply(face)));
        broker.sim.runAll();
        return asked.get(0);
    }

    private List<PopHandle> pop(long invisibleMillis) {
        PopRequest request = new PopRequest(
                PopRequest.Kind.POP,
                GROUP.value(),
                ORDERS.value(),
                0,
                8,
                invisibleMillis,
                0,
                0,
                false,
                null,
                null,
                false,
                null);
        List<PopHandle> handles = new ArrayList<>();
        broker.onLoop(
                0,
                face -> face.pop(request, CHANNEL, outcome -> {
                    if (!(outcome instanceof PopOutcome.Found found)) return;
                    for (Popped.Part part : found.popped().parts()) {
                        for (int i = 0; i < part.offsets().length; i++) {
                            handles.add(new PopHandle(
                                    GROUP.value(),
                                    ORDERS.value(),
                                    0,
                                    part.offsets()[i],
                                    found.popped().receipt(part, i)));
                        }
                    }
                }));
        broker.sim.runAll();
        return handles;
    }

    private long size(QueueId queue) {
        @Nullable ConsumeQueue units = broker.store.queues().find(queue);
        return units == null ? 0 : units.maxOffset() - units.minOffset();
    }

    private static final ClientChannel CHANNEL = new ClientChannel() {
        @Override
        public long id() {
            return 1;
        }

        @Override
        public String address() {
            return "consumer";
        }
    };
}
