package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.PullClient;
import io.vostok.it.client.Queue;
import io.vostok.it.client.RealClient;
import io.vostok.it.client.Sent;
import io.vostok.it.kit.ApacheServer;
import io.vostok.it.kit.ApacheStore;
import io.vostok.it.kit.Folders;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.kit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The store folder is Apache's: it may be carried there and back. */
class StoreIT extends Scenario {
    private static final int SEGMENT = 8 * 1024 * 1024;

    /** What was sent and where the broker said it is. */
    private static final class Written {
        final Map<String, Draft> byPlace = new HashMap<>();
        final List<String> topics = new ArrayList<>();
        final Map<String, Long> committed = new HashMap<>();

        void add(Sent sent, Draft draft) {
            byPlace.put(place(sent.queue().topic(), sent.queue().index(), sent.queueOffset()), draft);
        }

        Draft at(String place) {
            Draft draft = byPlace.get(place);
            if (draft == null) throw new AssertionError("nothing was sent to " + place);
            return draft;
        }

        List<Draft> of(String topic) {
            return byPlace.values().stream()
                    .filter(each -> each.topic().equals(topic))
                    .toList();
        }
    }

    @Override
    protected ServerSpec spec() {
        return ServerSpec.plain().segmentBytes(SEGMENT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void apacheReadsAllThatWeWrote(boolean killed) {
        Server writer = start(spec());
        Written written = fill(writer, "ours");

        if (killed) writer.kill();
        else writer.stop();

        ApacheStore found = ApacheStore.read(writer.store(), SEGMENT);
        assertHolds(found, written);
        assertThat(found.topics().keySet()).containsAll(written.topics);
        // Apache's own broker writes its offsets every 5 s; ours exports them too, so a kill may leave older ones.
        if (!killed) assertThat(found.offsets()).containsAllEntriesOf(written.committed);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void weServeAllThatApacheWroteAndGoOnInIt(boolean killed) {
        Path store = Folders.make("carried");
        ApacheServer apache = ended(ApacheServer.start(spec().on(store)));
        Written written = fill(apache, "theirs");
        Producer late = producer(apache, 1);
        Draft pending = Draft.of(written.topics.get(0), "in two hours").with("DELAY", "18");
        late.send(pending);
        // Due while nobody runs, or soon after our start.
        String soonTopic = fresh("soon");
        late.send(Draft.of(soonTopic, "in ten seconds").tags("T").with("DELAY", "3"));
        String timedTopic = fresh("timed");
        late.send(Draft.of(timedTopic, "delivered by Apache").with("TIMER_DELAY_MS", "2000"));
        Inbox theirs = new Inbox();
        closing(Peers.client(Peers.NEW, apache.nameServer()).consumer(ConsumerSpec.of(fresh("g"), timedTopic), theirs));
        theirs.awaitTexts(List.of("delivered by Apache"));
        late.send(Draft.of(timedTopic, "timed, due soon").with("TIMER_DELAY_SEC", "9"));
        late.send(Draft.of(timedTopic, "timed, due in two days").with("TIMER_DELAY_SEC", "172000"));
        // Asked once: with a second begun between the two the recall would come after its message.
        String regrettedAt = "" + (now() / 1000 * 1000 + 11_500);
        Sent regretted = late.send(Draft.of(timedTopic, "recalled").with("TIMER_DELIVER_MS", regrettedAt));
        late.send(Draft.of(timedTopic, "0")
                .with("TIMER_DELIVER_MS", regrettedAt)
                .with("TIMER_DEL_UNIQKEY", timedTopic + "+" + regretted.messageId()));
        late.send(Draft.of(timedTopic, "timed, last").with("TIMER_DELAY_SEC", "13"));
        // Apache writes how far it got once a second; what it delivered since then comes again.
        long deliveredOut = outMillis(theirs.all().get(0));
        if (!killed) {
            Await.until(
                    "Apache has noted what it delivered and that it has the rest",
                    SOON,
                    () -> timerNote(store, 0) > deliveredOut && timerNote(store, 16) >= 6);
        }
        if (killed) apache.kill();
        else apache.stop();
        apache.close();
        long noted = timerNote(store, 0);

        Server ours = start(spec().on(store));
        PullClient puller = closing(Peers.client(Peers.NEW, ours.nameServer()).puller(fresh("g")));
        for (String topic : written.topics) {
            Map<String, Got> got = new HashMap<>();
            for (Queue queue : puller.queues(topic)) {
                for (Got each : everything(puller, queue, "*")) {
                    got.put(place(topic, queue.index(), each.queueOffset()), each);
                }
            }
            assertThat(got).hasSize(written.of(topic).size());
            got.forEach((place, each) -> assertSame(written.at(place), each));
        }
        Queue schedule = new Queue("SCHEDULE_TOPIC_XXXX", ours.brokerName(), 17);
        assertThat(puller.maxOffset(schedule)).as("the delayed message waits").isOne();
        Inbox soon = new Inbox();
        closing(Peers.client(Peers.NEW, ours.nameServer()).consumer(ConsumerSpec.of(fresh("g"), soonTopic), soon));
        soon.awaitTexts(List.of("in ten seconds"));
        Got due = soon.all().get(0);
        assertThat(due.storedMillis() - due.bornMillis()).isGreaterThanOrEqualTo(10_000);
        assertThat(due.tags()).isEqualTo("T");
        Inbox timed = new Inbox();
        closing(Peers.client(Peers.OLD, ours.nameServer()).consumer(ConsumerSpec.of(fresh("g"), timedTopic), timed));
        timed.awaitTexts(List.of("delivered by Apache", "timed, due soon", "timed, last"));
        assertThat(timed.all())
                .extracting(Got::text)
                .as("nothing too early, nothing recalled")
                .doesNotContain("timed, due in two days", "recalled");
        if (!killed) {
            assertThat(timed.all())
                    .filteredOn(each -> outMillis(each) < noted || !theirs.has(each.text()))
                    .extracting(Got::text)
                    .as("nothing twice but what Apache delivered and did not note")
                    .contains("delivered by Apache")
                    .doesNotHaveDuplicates();
        }
        if (!killed) {
            PullClient member =
                    closing(Peers.client(Peers.NEW, ours.nameServer()).puller("group_of_theirs"));
            written.committed.forEach((key, offset) -> {
                String topic = key.substring(0, key.indexOf('@'));
                int queue = Integer.parseInt(key.substring(key.indexOf('/') + 1));
                assertThat(member.committed(new Queue(topic, ours.brokerName(), queue)))
                        .as(key)
                        .isEqualTo(offset);
            });
        }

        Written more = fill(ours, "more");
        String topic = written.topics.get(1);
        Producer producer = producer(ours, 4);
        Inbox inbox = new Inbox();
        closing(Peers.client(Peers.OLD, ours.nameServer()).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        for (int i = 0; i < 20; i++) {
            Draft draft = Draft.of(topic, "appended " + i);
            written.add(producer.send(draft), draft);
        }
        inbox.awaitTexts(written.of(topic).stream()
                .map(each -> new String(each.body(), java.nio.charset.StandardCharsets.UTF_8))
                .toList());
        ours.stop();

        ApacheStore found = ApacheStore.read(store, SEGMENT);
        assertHolds(found, written);
        assertHolds(found, more);
        assertThat(found.of("SCHEDULE_TOPIC_XXXX"))
                .filteredOn(each -> each.text().equals("in two hours"))
                .singleElement()
                .satisfies(each -> assertThat(each.properties())
                        .containsEntry("REAL_TOPIC", written.topics.get(0))
                        .containsEntry("DELAY", "18"));
    }

    @Test
    void anApacheBrokerGoesOnInWhatWeWrote() {
        Server writer = start(spec());
        Written written = fill(writer, "back");
        writer.stop();

        ApacheServer apache = ended(ApacheServer.start(spec().on(writer.store())));
        String topic = written.topics.get(2);
        Inbox inbox = new Inbox();
        closing(Peers.client(Peers.OLD, apache.nameServer()).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        Producer producer = producer(apache, 4);
        Draft draft = Draft.of(topic, "written by Apache");
        written.add(producer.send(draft), draft);

        inbox.awaitTexts(written.of(topic).stream()
                .map(each -> new String(each.body(), java.nio.charset.StandardCharsets.UTF_8))
                .toList());
    }

    /** Several topics and queues, batches, odd properties, a group's offsets, more than two log files. */
    private Written fill(Server target, String purpose) {
        Written written = new Written();
        RealClient client = Peers.client(Peers.NEW, target.nameServer());
        Random random = new Random(7);
        for (int t = 0; t < 3; t++) {
            String topic = fresh(purpose + t);
            written.topics.add(topic);
            Producer producer = closing(
                    client.producer(ProducerSpec.of(fresh("p")).queues(t + 2).compressFromBytes(Integer.MAX_VALUE)));
            for (int i = 0; i < 60; i++) {
                byte[] body = new byte[i % 3 == 0 ? 300_000 : 200];
                random.nextBytes(body);
                for (int at = 0; at < body.length; at++) {
                    body[at] = (byte) ('a' + (body[at] & 15));
                }
                Draft draft = Draft.of(topic, body)
                        .tags("Tag" + i % 4)
                        .keys("key" + i + " other")
                        .flag(i)
                        .with("имя", "значение \uD83D\uDE80 = \"" + i + "\"");
                written.add(producer.send(draft), draft);
            }
            List<Draft> batch = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                batch.add(Draft.of(topic, "batch " + i).tags("B").with("nr", "" + i));
            }
            Sent first = producer.sendBatch(batch);
            for (int i = 0; i < 20; i++) {
                written.byPlace.put(place(topic, first.queue().index(), first.queueOffset() + i), batch.get(i));
            }
        }
        String topic = written.topics.get(1);
        Inbox inbox = new Inbox();
        String group = "group_of_" + purpose;
        Consumer consumer = client.consumer(ConsumerSpec.of(group, topic), inbox);
        inbox.awaitTexts(written.of(topic).stream()
                .map(each -> new String(each.body(), java.nio.charset.StandardCharsets.UTF_8))
                .toList());
        closeIdle(consumer);
        PullClient puller = closing(client.puller(group));
        for (Queue queue : puller.queues(topic)) {
            Await.until("the offset is told", SOON, () -> puller.committed(queue) == puller.maxOffset(queue));
            written.committed.put(topic + "@" + group + "/" + queue.index(), puller.committed(queue));
        }
        return written;
    }

    /** Returns a number of what Apache's broker noted of its timers: 0 the time it has read to, 16 the offset it has taken. */
    private static long timerNote(Path store, int at) {
        try {
            return ByteBuffer.wrap(Files.readAllBytes(store.resolve("config/timercheck")))
                    .getLong(at);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long outMillis(Got timed) {
        return Long.parseLong(timed.properties().get("TIMER_OUT_MS"));
    }

    private static long now() {
        return System.currentTimeMillis();
    }

    private Producer producer(Server target, int queues) {
        return closing(Peers.client(Peers.OLD, target.nameServer())
                .producer(ProducerSpec.of(fresh("p")).queues(queues)));
    }

    private static void assertHolds(ApacheStore found, Written written) {
        for (String topic : written.topics) {
            List<ApacheStore.Item> records = found.of(topic);
            assertThat(records)
                    .as("messages of %s", topic)
                    .hasSize(written.of(topic).size());
            for (ApacheStore.Item each : records) {
                Draft draft = written.at(place(topic, each.queue(), each.queueOffset()));
                assertThat(each.body()).isEqualTo(draft.body());
                assertThat(each.flag()).isEqualTo(draft.flag());
                assertThat(each.properties()).containsAllEntriesOf(draft.properties());
                assertThat(each.properties().getOrDefault("TAGS", "")).isEqualTo(draft.tags());
                assertThat(each.properties().getOrDefault("KEYS", "")).isEqualTo(draft.keys());
            }
        }
    }

    private static void assertSame(Draft draft, Got got) {
        assertThat(got.body()).isEqualTo(draft.body());
        assertThat(got.flag()).isEqualTo(draft.flag());
        assertThat(got.tags()).isEqualTo(draft.tags());
        assertThat(got.keys()).isEqualTo(draft.keys());
        assertThat(got.properties()).containsAllEntriesOf(draft.properties());
    }

    private static String place(String topic, int queue, long offset) {
        return topic + "/" + queue + "@" + offset;
    }
}
