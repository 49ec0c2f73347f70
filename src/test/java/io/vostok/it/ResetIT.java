package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.kit.Http;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Mqadmin;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.PopWire;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.VostokServer;
import io.vostok.kit.Await;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups that pop, and groups that consume in order, go where mqadmin and the HTTP API have set them. */
class ResetIT extends Scenario {
    private static final List<String> TEXTS = texts("m", 20);

    @SuppressWarnings("NullAway.Init") // started before any test
    private Mqadmin mqadmin;

    @Override
    protected VostokServer startOwn() {
        return ended(VostokServer.start(spec()));
    }

    @BeforeAll
    void startMqadmin() {
        mqadmin = new Mqadmin(server.nameServer());
    }

    @AfterAll
    void endMqadmin() {
        mqadmin.close();
    }

    private static List<String> texts(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
    }

    private void send(String topic, List<String> texts) {
        try (Producer producer =
                client(Peers.NEW).producer(ProducerSpec.of(fresh("p")).queues(2))) {
            for (String text : texts) producer.send(Draft.of(topic, text));
        }
    }

    private void resetOverHttp(String group, JsonObject wish) {
        try (Http http = new Http(((VostokServer) server).httpPort())) {
            assertThat(http.answer("POST", "/api/v1/groups/" + group + "/offsets:reset", wish.encode())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    /** A group that pops {@code topic}. */
    private String popGroup(String topic) {
        String group = fresh("g");
        mqadmin.ok("updateSubGroup", "-c", "DefaultCluster", "-g", group);
        try (PopWire pop = new PopWire(server.brokerPort())) {
            assertThat(pop.setMode(group, topic, "POP", 0)).isZero();
        }
        return group;
    }

    private Consumer popping(String group, String topic, Inbox inbox) {
        return closing(client(Peers.NEW).popConsumer(ConsumerSpec.of(group, topic), 60_000, inbox));
    }

    private void awaitCommitted(String group, String topic, long all) {
        try (PopWire pop = new PopWire(server.brokerPort())) {
            Await.until(
                    "all is acked and committed",
                    SOON,
                    () -> pop.committed(group, topic, 0) + pop.committed(group, topic, 1) == all);
        }
    }

    @Test
    void aGroupThatPopsIsSentBackOnlineAndOffline() {
        String topic = fresh("popback");
        send(topic, TEXTS);
        String group = popGroup(topic);
        Inbox online = new Inbox();
        Consumer consumer = popping(group, topic, online);
        online.awaitCount(20);
        awaitCommitted(group, topic, 20);

        assertThat(Mqadmin.text(mqadmin.ok("resetOffsetByTime", "-g", group, "-t", topic, "-s", "0")))
                .contains("broker-a");
        online.awaitCount(40);
        awaitCommitted(group, topic, 20);
        assertThat(online.all().subList(20, 40))
                .as("all of it once more, as if never given out")
                .extracting(Got::text)
                .containsExactlyInAnyOrderElementsOf(TEXTS);
        assertThat(online.all()).extracting(Got::reconsumeTimes).containsOnly(0);

        resetOverHttp(group, new JsonObject().put("topic", topic).put("to", "earliest"));
        online.awaitCount(60);
        awaitCommitted(group, topic, 20);

        consumer.close();
        resetOverHttp(group, new JsonObject().put("topic", topic).put("to", "earliest"));
        Inbox offline = new Inbox();
        popping(group, topic, offline);
        offline.awaitCount(20);
    }

    @Test
    void aGroupThatPopsSkipsWhatHasAccumulated() {
        String topic = fresh("popskip");
        send(topic, TEXTS);
        String group = popGroup(topic);
        mqadmin.ok("skipAccumulatedMessage", "-g", group, "-t", topic);
        send(topic, List.of("late0", "late1"));
        Inbox inbox = new Inbox();

        popping(group, topic, inbox);

        inbox.awaitTexts(List.of("late0", "late1"));
        inbox.awaitCount(2);
    }

    @Test
    void aCloneOfAGroupThatPopsGoesOnWhereThatStands() {
        String topic = fresh("popclone");
        send(topic, TEXTS);
        String group = popGroup(topic);
        Inbox inbox = new Inbox();
        popping(group, topic, inbox);
        inbox.awaitCount(20);
        awaitCommitted(group, topic, 20);
        String copy = popGroup(topic);

        assertThat(Mqadmin.text(mqadmin.ok("cloneGroupOffset", "-s", group, "-d", copy, "-t", topic)))
                .contains("success");
        send(topic, List.of("late"));
        Inbox ofCopy = new Inbox();
        popping(copy, topic, ofCopy);

        ofCopy.awaitTexts(List.of("late"));
        ofCopy.awaitCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void aGroupInOrderIsSentBackAndSkipsWhileItIsOffline(String version) {
        String topic = fresh("order");
        String group = fresh("g");
        send(topic, TEXTS);
        Inbox first = new Inbox();
        Consumer consumer =
                closing(client(version).consumer(ConsumerSpec.of(group, topic).inOrder(), first));
        first.awaitCount(20);
        closeIdle(consumer);
        awaitCommitted(group, topic, 20);

        resetOverHttp(group, new JsonObject().put("topic", topic).put("to", "earliest"));
        Inbox again = new Inbox();
        Consumer second =
                closing(client(version).consumer(ConsumerSpec.of(group, topic).inOrder(), again));
        again.awaitCount(20);
        again.assertOrderInEachQueue();
        closeIdle(second);

        send(topic, texts("passed over", 4));
        mqadmin.ok("skipAccumulatedMessage", "-g", group, "-t", topic);
        send(topic, List.of("late"));
        Inbox last = new Inbox();
        closing(client(version).consumer(ConsumerSpec.of(group, topic).inOrder(), last));
        last.awaitTexts(List.of("late"));
        last.awaitCount(1);
    }
}
