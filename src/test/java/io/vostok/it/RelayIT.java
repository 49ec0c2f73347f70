package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.Sent;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.Wire;
import io.vostok.kit.Await;
import io.vostok.wire.RequestCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an administrator does to groups through the broker: offsets set, clients asked, topics deleted. */
class RelayIT extends Scenario {
    private static final List<String> TEXTS =
            IntStream.range(0, 10).mapToObj(i -> "m" + i).toList();

    private void fill(String topic) {
        try (Producer producer =
                client(Peers.NEW).producer(ProducerSpec.of(fresh("p")).queues(1))) {
            for (String text : TEXTS) producer.send(Draft.of(topic, text));
        }
    }

    private static Wire.Answer reset(Wire wire, String group, String topic, String... more) {
        List<String> fields = new ArrayList<>(List.of("group", group, "topic", topic, "isForce", "true"));
        fields.addAll(List.of(more));
        return wire.ask(RequestCode.INVOKE_BROKER_TO_RESET_OFFSET, fields.toArray(String[]::new));
    }

    /** All at once, because clients take half a minute to take up a queue that they were sent away from. */
    @Test
    void sendsAGroupThatIsOnlineBack() {
        String topic = fresh("online");
        fill(topic);
        Map<String, Inbox> inboxes = new HashMap<>();
        for (String version : List.of(Peers.OLD, Peers.NEW)) {
            for (boolean inOrder : List.of(false, true)) {
                Inbox inbox = new Inbox();
                String group = fresh(inOrder ? "ordered" : "g");
                ConsumerSpec spec = ConsumerSpec.of(group, topic);
                Consumer consumer = closing(client(version).consumer(inOrder ? spec.inOrder() : spec, inbox));
                inbox.awaitTexts(TEXTS);
                Await.until("all is counted", SOON, consumer::idle);
                inboxes.put(group, inbox);
            }
        }

        try (Wire wire = new Wire(server.brokerPort())) {
            for (String group : inboxes.keySet()) {
                Wire.Answer answer = reset(wire, group, topic, "timestamp", "0");
                assertThat(answer.code()).isZero();
                assertThat(new String(answer.body(), StandardCharsets.UTF_8))
                        .contains("\"queueId\":0,\"topic\":\"" + topic + "\"}:0");
            }
        }

        inboxes.forEach((group, inbox) -> Await.until(
                "all comes again to " + group, SOON, () -> inbox.all().size() >= 2 * TEXTS.size()));
        inboxes.values()
                .forEach(inbox -> assertThat(inbox.all().subList(TEXTS.size(), 2 * TEXTS.size()))
                        .extracting(Got::text)
                        .containsExactlyInAnyOrderElementsOf(TEXTS));
        inboxes.forEach((group, inbox) -> {
            if (group.startsWith("ordered")) inbox.assertOrderInEachQueue();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void setsAGroupThatIsOfflineToAnOffset(String version) {
        String topic = fresh("offline");
        String group = fresh("g");
        fill(topic);
        try (Wire wire = new Wire(server.brokerPort())) {
            assertThat(reset(wire, group, topic, "timestamp", "0").code()).isEqualTo(26);
            wire.ask(
                    RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP,
                    ("{\"groupName\":\"" + group + "\"}").getBytes(StandardCharsets.UTF_8));
            assertThat(reset(wire, group, fresh("none"), "timestamp", "0").code())
                    .isEqualTo(17);
            assertThat(reset(wire, group, topic, "timestamp", "-1", "queueId", "0", "offset", "11")
                            .code())
                    .isEqualTo(29);
            assertThat(reset(wire, group, topic, "timestamp", "-1", "queueId", "0", "offset", "7")
                            .code())
                    .isZero();
            // What a member that has not heard of it commits does not count.
            assertThat(wire.ask(
                                    RequestCode.UPDATE_CONSUMER_OFFSET,
                                    "consumerGroup",
                                    group,
                                    "topic",
                                    topic,
                                    "queueId",
                                    "0",
                                    "commitOffset",
                                    "10")
                            .code())
                    .isZero();
        }
        Inbox inbox = new Inbox();

        closing(client(version).consumer(ConsumerSpec.of(group, topic), inbox));

        inbox.awaitTexts(TEXTS.subList(7, 10));
        inbox.awaitCount(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void asksAConsumerAndGivesItAMessage(String version) {
        String topic = fresh("asked");
        String group = fresh("g");
        Sent sent;
        try (Producer producer =
                client(version).producer(ProducerSpec.of(fresh("p")).queues(1))) {
            sent = producer.send(Draft.of(topic, "once"));
        }
        Inbox inbox = new Inbox();
        Consumer consumer = closing(client(version).consumer(ConsumerSpec.of(group, topic), inbox));
        inbox.awaitTexts(List.of("once"));
        Await.until("it is counted", SOON, consumer::idle);

        try (Wire wire = new Wire(server.brokerPort())) {
            JsonNode members = Wire.json(wire.ask(RequestCode.GET_CONSUMER_CONNECTION_LIST, "consumerGroup", group)
                    .body());
            String clientId =
                    members.path("connectionSet").path(0).path("clientId").asText();
            assertThat(members.path("subscriptionTable").has(topic)).isTrue();

            Wire.Answer info = wire.ask(
                    RequestCode.GET_CONSUMER_RUNNING_INFO,
                    "consumerGroup",
                    group,
                    "clientId",
                    clientId,
                    "jstackEnable",
                    "true");
            assertThat(info.code()).isZero();
            assertThat(new String(info.body(), StandardCharsets.UTF_8)).contains("\"mqTable\"", topic, "jstack");

            Wire.Answer positions =
                    wire.ask(RequestCode.INVOKE_BROKER_TO_GET_CONSUMER_STATUS, "topic", topic, "group", group);
            assertThat(positions.code()).isZero();
            assertThat(new String(positions.body(), StandardCharsets.UTF_8))
                    .contains("\"" + clientId + "\":{{", "\"topic\":\"" + topic + "\"}:1");

            Wire.Answer consumed = wire.ask(
                    RequestCode.CONSUME_MESSAGE_DIRECTLY,
                    "consumerGroup",
                    group,
                    "clientId",
                    clientId,
                    "msgId",
                    sent.offsetMessageId().get(0));
            assertThat(consumed.code()).isZero();
            assertThat(new String(consumed.body(), StandardCharsets.UTF_8)).contains("CR_SUCCESS");

            assertThat(wire.ask(RequestCode.GET_CONSUMER_RUNNING_INFO, "consumerGroup", group, "clientId", "nobody")
                            .code())
                    .isEqualTo(1);
            assertThat(wire.ask(
                                    RequestCode.INVOKE_BROKER_TO_GET_CONSUMER_STATUS,
                                    "topic",
                                    topic,
                                    "group",
                                    fresh("nobody"))
                            .code())
                    .isEqualTo(206);
        }
        assertThat(inbox.all()).extracting(Got::text).containsExactly("once", "once");
    }

    @Test
    void deletesATopicForGood() {
        String topic = fresh("gone");
        String group = fresh("g");
        Server mine = start(ServerSpec.plain());
        Producer producer = closing(Peers.client(Peers.NEW, mine.nameServer())
                .producer(ProducerSpec.of(fresh("p")).queues(1)));
        for (String text : TEXTS) producer.send(Draft.of(topic, text));
        Inbox before = new Inbox();
        Consumer consumer = Peers.client(Peers.OLD, mine.nameServer()).consumer(ConsumerSpec.of(group, topic), before);
        before.awaitTexts(TEXTS);
        closeIdle(consumer);
        try (Wire wire = new Wire(mine.brokerPort())) {
            assertThat(wire.ask(RequestCode.DELETE_TOPIC_IN_BROKER, "topic", topic)
                            .code())
                    .isZero();
            assertThat(wire.ask(RequestCode.DELETE_TOPIC_IN_BROKER, "topic", topic)
                            .code())
                    .as("twice is as once")
                    .isZero();
            assertThat(wire.ask(RequestCode.DELETE_TOPIC_IN_BROKER, "topic", "SCHEDULE_TOPIC_XXXX")
                            .code())
                    .isEqualTo(29);
            assertThat(wire.ask(RequestCode.GET_TOPIC_CONFIG, "topic", topic).code())
                    .isEqualTo(17);
            assertThat(maxOffset(wire, topic)).isZero();
        }
        mine.kill();
        // All queues are derived from the log anew, which still has the deleted messages.
        delete(mine.spec().store().resolve("consumequeue"));
        mine.restart();

        Sent sent = producer.send(Draft.of(topic, "new life"));
        assertThat(sent.queueOffset()).isZero();
        mine.kill();
        mine.restart();

        try (Wire wire = new Wire(mine.brokerPort())) {
            assertThat(maxOffset(wire, topic)).isEqualTo(1);
        }
        Inbox after = new Inbox();
        closing(Peers.client(Peers.OLD, mine.nameServer()).consumer(ConsumerSpec.of(group, topic), after));
        after.awaitTexts(List.of("new life"));
        after.awaitCount(1);
    }

    private static long maxOffset(Wire wire, String topic) {
        Wire.Answer answer = wire.ask(RequestCode.GET_MAX_OFFSET, "topic", topic, "queueId", "0");
        return Long.parseLong(answer.ext().getOrDefault("offset", "-1"));
    }

    private static void delete(Path folder) {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
