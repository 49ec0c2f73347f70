package io.vostok.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vostok.broker.Refused;
import io.vostok.broker.flow.FlowKit;
import io.vostok.broker.offset.PendingResets;
import io.vostok.broker.pull.PullAnswer;
import io.vostok.broker.pull.PullRequest;
import io.vostok.broker.pull.PullRules;
import io.vostok.broker.pull.PullSettings;
import io.vostok.broker.session.ClientChannel;
import io.vostok.broker.session.SubscriptionTable;
import io.vostok.broker.topic.GroupRules;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicSettings;
import io.vostok.broker.topic.TopicTable;
import io.vostok.metrics.Meter;
import io.vostok.metrics.Traffic;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.DataVersion;
import io.vostok.model.GroupName;
import io.vostok.model.Permission;
import io.vostok.model.QueueId;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.store.Arrivals;
import io.vostok.store.MessageStore;
import io.vostok.store.ReadResult;
import io.vostok.store.StoreEvents;
import io.vostok.store.StoreSettings;
import io.vostok.store.file.SimDisk;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.time.SystemClock;
import io.vostok.wire.record.RecordEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LocalPullsTest {
    private static final TopicName TOPIC = new TopicName("orders");
    private static final QueueId QUEUE = new QueueId(TOPIC, 0);
    private static final DataVersion VERSION = new DataVersion(0, 0, 0);
    private static final int COMMIT = 1;
    private static final int SUSPEND = 2;
    private static final int SUBSCRIPTION = 4;
    private static final ClientChannel CLIENT = new ClientChannel() {
        @Override
        public long id() {
            return 1;
        }

        @Override
        public String address() {
            return "10.0.0.9:4242";
        }
    };

    private final Vertx vertx = Vertx.vertx();
    private final SimDisk disk = new SimDisk();
    private final MessageStore store =
            MessageStore.open(StoreSettings.defaults(), disk, new SystemClock(), StoreEvents.NONE);
    private final LoopPulls waiting =
            new LoopPulls(vertx, "arrived", new DeliveryOptions(), store.queues(), new SystemClock(), 10);
    private final List<String> heard = new ArrayList<>();
    private final List<String> held = new ArrayList<>();
    private final PendingResets resets = new PendingResets();
    private final Traffic traffic = new Traffic(10, 0, 0);

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        store.close();
    }

    @Test
    void readsOnWhenTheOffsetOfAPullFindsNoRoom() {
        LocalPulls pulls = pulls(offsetsFor(0));
        append("a message");

        pulls.pull(request(0, COMMIT | SUBSCRIPTION), CLIENT, new Listener("reader", false));

        assertThat(heard).containsExactly("reader FOUND");
    }

    @Test
    void tellsAPullThatItWaits() {
        LocalPulls pulls = pulls(offsetsFor(10));

        pulls.pull(request(0, SUBSCRIPTION), CLIENT, new Listener("at once", false));
        pulls.pull(request(0, SUSPEND | SUBSCRIPTION), CLIENT, new Listener("later", false));
        waiting.arrived(append("a message"));

        assertThat(held).containsExactly("later");
        assertThat(heard).containsExactly("at once NOT_FOUND", "later FOUND");
    }

    @Test
    void answersTheOthersWhenOneOfThePullsThatWokeFails() {
        LocalPulls pulls = pulls(offsetsFor(10));
        pulls.pull(request(0, SUSPEND | SUBSCRIPTION), CLIENT, new Listener("bad", true));
        pulls.pull(request(0, SUSPEND | SUBSCRIPTION), CLIENT, new Listener("good", false));
        assertThat(heard).isEmpty();

        ArrivalBatch arrivals = append("a message");
        waiting.arrived(arrivals);

        assertThat(heard).containsExactlyInAnyOrder("bad refused", "good FOUND");
    }

    @Test
    void sendsAGroupThatWasResetThereOnce() {
        ConsumerOffsets offsets = offsetsFor(10);
        LocalPulls pulls = pulls(offsets);
        append("first");
        append("second");
        resets.add(new GroupName("billing"), QUEUE, 0);

        pulls.pull(request(2, COMMIT | SUBSCRIPTION), CLIENT, new Listener("reader", false));
        pulls.pull(request(0, SUBSCRIPTION), CLIENT, new Listener("reader", false));

        assertThat(heard).containsExactly("reader OFFSET_MOVED", "reader FOUND");
        assertThat(offsets.find(new GroupName("billing"), QUEUE))
                .as("what a member commits that has not heard of the reset")
                .isEqualTo(-1);
    }

    @Test
    void wakesAPullThatWaitsWhereItsGroupIsNotAnyMore() {
        LocalPulls pulls = pulls(offsetsFor(10));
        append("a message");
        pulls.pull(request(1, SUSPEND | SUBSCRIPTION), CLIENT, new Listener("waiting", false));
        resets.add(new GroupName("billing"), QUEUE, 0);

        waiting.wake(pull -> pull.request().group().equals("billing"));

        assertThat(heard).containsExactly("waiting OFFSET_MOVED");
    }

    @Test
    void countsWhatItHandsOut() {
        LocalPulls pulls = pulls(offsetsFor(10));
        append("a message");

        pulls.pull(request(0, SUBSCRIPTION), CLIENT, new Listener("reader", false));
        pulls.pull(request(1, SUBSCRIPTION), CLIENT, new Listener("reader", false));

        Meter.Total got = traffic.gets().total("orders", "billing");
        assertThat(got).isNotNull().extracting(Meter.Total::messages).isEqualTo(1L);
        assertThat(traffic.found().total().messages()).isEqualTo(1);
        assertThat(traffic.missed().total().messages()).isEqualTo(1);
    }

    private LocalPulls pulls(ConsumerOffsets offsets) {
        Tables tables = new Tables(
                TopicTable.of(List.of(Topic.of(TOPIC, 1, Permission.READ_WRITE)), VERSION),
                GroupTable.of(List.of(ConsumerGroup.of(new GroupName("billing"))), Map.of(), VERSION),
                SubscriptionTable.EMPTY);
        return new LocalPulls(
                new PullRules(PullSettings.defaults(), new GroupRules(TopicSettings.defaults())),
                tables,
                change -> Future.failedFuture("nothing is created here"),
                store.reader(),
                store.queues(),
                offsets,
                waiting,
                FlowKit.noRates(),
                resets,
                traffic);
    }

    private ConsumerOffsets offsetsFor(int most) {
        return ConsumerOffsets.open(disk, StoreEvents.NONE, new SystemClock(), 4096, most);
    }

    private static PullRequest request(long offset, int sysFlag) {
        return new PullRequest("billing", "orders", 0, offset, 32, sysFlag, 0, 10_000, "*", 0, "TAG", 0);
    }

    private ArrivalBatch append(String text) {
        byte[] topic = TOPIC.value().getBytes(StandardCharsets.US_ASCII);
        ByteBuffer body = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        int properties = RecordEncoder.storedPropertiesBytes(new byte[0], 0, 0, true);
        int size = RecordEncoder.sizeBytes(4, 4, body.remaining(), topic.length, properties);
        ByteBuffer record = ByteBuffer.allocate(size);
        byte[] host = new byte[4];
        new RecordEncoder().encode(record, 0, 0, 0, 1L, host, 1, host, 2, 0, 0L, body, topic, new byte[0], 0, 0, true);
        store.housekeeping().makeRoom();
        store.log().append(QUEUE, record.flip(), 1, 1);
        ArrivalBatch arrivals = new ArrivalBatch();
        Arrivals told = arrivals;
        while (store.dispatcher().dispatch(100, told)) {
            // Everything.
        }
        return arrivals;
    }

    /** Keeps what it heard; a bad one cannot write its answer. */
    private final class Listener implements PullListener {
        private final String name;
        private final boolean bad;

        Listener(String name, boolean bad) {
            this.name = name;
            this.bad = bad;
        }

        @Override
        public void answered(PullAnswer answer, ReadResult result, int topicSysFlag, int groupSysFlag) {
            if (bad) throw new IllegalStateException("an answer that cannot be written");
            heard.add(name + " " + answer.outcome());
        }

        @Override
        public void held() {
            held.add(name);
        }

        @Override
        public void refused(Refused refused) {
            heard.add(name + " refused");
        }
    }
}
