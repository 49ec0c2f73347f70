package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.Draft;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.PopWire;
import io.vostok.it.kit.PopWire.Message;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.Wire;
import io.vostok.kit.Await;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Pop consumption by hand: every request of the family, its answers and its refusals. */
class PopWireIT extends Scenario {
    private static final long LONG = 60_000;
    private static final long SHORT = 1_200;

    @Test
    void givesMessagesOutOnceAndTakesAcks() {
        String topic = fresh("pop");
        String group = fresh("g");
        send(topic, 2, "a", "b", "c", "d", "e", "f");

        PopWire pop = pop();
        Set<String> got = new HashSet<>();
        while (got.size() < 6) {
            for (Message message : pop.popSome(group, topic, 4, LONG)) {
                assertThat(got.add(message.text())).as("%s twice", message).isTrue();
                assertThat(message.reconsumeTimes()).isZero();
                assertThat(pop.ack(group, message)).isZero();
                assertThat(pop.ack(group, message)).as("a second time").isZero();
            }
        }
        assertThat(pop.pop(group, topic, 32, LONG, 200).code()).isEqualTo(210);
        assertThat(pop.pop(fresh("g"), topic, 32, LONG, 200).messages())
                .as("another group")
                .hasSize(6);
        Await.until("offsets are committed", SOON, () -> pop.committed(group, topic, 0) == 3);
    }

    @Test
    void bringsBackWhatIsNotAcked() {
        String topic = fresh("again");
        String group = fresh("g");
        send(topic, 1, "a", "b", "c");

        PopWire pop = pop();
        List<Message> first = pop.popSome(group, topic, 32, SHORT);
        assertThat(pop.ack(group, first.get(1))).isZero();
        List<Message> again = new ArrayList<>();
        while (again.size() < 2) again.addAll(pop.popSome(group, topic, 32, SHORT));

        assertThat(again).extracting(Message::text).containsExactlyInAnyOrder("a", "c");
        for (Message message : again) {
            assertThat(message.reconsumeTimes()).isEqualTo(1);
            assertThat(message.realTopic(group)).isEqualTo("%RETRY%" + group + "_" + topic);
            assertThat(message.properties())
                    .containsEntry("1ST_POP_TIME", "" + first.get(0).popMillis())
                    .containsEntry("ORIGIN_GROUP", group);
            assertThat(pop.ack(group, message)).isZero();
        }
        assertThat(pop.ack(group, first.get(0))).as("an old receipt").isZero();
        assertThat(pop.askChange(group, first.get(0), LONG).code()).isEqualTo(208);
        assertThat(pop.pop(group, topic, 32, LONG, 2 * SHORT).code()).isEqualTo(210);
    }

    @Test
    void holdsAMessageForAnotherTime() {
        String topic = fresh("change");
        String group = fresh("g");
        send(topic, 1, "a");

        PopWire pop = pop();
        Message first = pop.popSome(group, topic, 32, LONG).get(0);
        Message held = pop.changeInvisible(group, first, SHORT);
        assertThat(pop.ack(group, first))
                .as("the old receipt says nothing any more")
                .isZero();
        Message again = pop.popSome(group, topic, 32, SHORT).get(0);
        assertThat(again.reconsumeTimes()).isEqualTo(1);
        Message longer = pop.changeInvisible(group, again, LONG);
        assertThat(pop.pop(group, topic, 32, LONG, 2 * SHORT).code())
                .as("longer than %s", held.receipt())
                .isEqualTo(210);
        assertThat(pop.ack(group, longer)).isZero();
        assertThat(pop.askChange(group, longer, LONG).code()).isEqualTo(208);
    }

    @Test
    void acksManyAtOnce() {
        String topic = fresh("batch");
        String group = fresh("g");
        send(topic, 1, "a", "b", "c", "d");

        PopWire pop = pop();
        List<Message> all = pop.popSome(group, topic, 32, SHORT);
        String[] receipt = all.get(0).receipt().split(" ", -1);
        String bits = Base64.getEncoder().encodeToString(new byte[] {0b1011});
        String body = "{\"brokerName\":\"broker-a\",\"acks\":[{\"c\":\"" + group + "\",\"t\":\"" + topic
                + "\",\"r\":\"0\",\"so\":" + receipt[0] + ",\"q\":0,\"rq\":" + receipt[3] + ",\"pt\":" + receipt[1]
                + ",\"it\":" + receipt[2] + ",\"b\":\"" + bits + "\"}]}";
        assertThat(pop.batchAck(body)).isZero();
        assertThat(pop.batchAck("{\"brokerName\":\"broker-a\",\"acks\":[]}")).isEqualTo(208);

        assertThat(pop.popSome(group, topic, 32, LONG))
                .extracting(Message::text)
                .containsExactly("c");
    }

    @Test
    void waitsForMessagesAndTellsOfThem() throws Exception {
        String topic = fresh("wait");
        String group = fresh("g");
        send(topic, 4, "old");
        PopWire pop = pop();
        assertThat(pop.ack(group, pop.popSome(group, topic, 1, LONG).get(0))).isZero();
        PopWire other = pop();
        assertThat(other.notification(group, topic, 100).ext())
                .containsEntry("hasMsg", "false")
                .containsEntry("pollingFull", "false");

        CompletableFuture<PopWire.Answer> waiting =
                CompletableFuture.supplyAsync(() -> pop.pop(group, topic, 32, LONG, 20_000));
        Await.until("it waits", SOON, () -> other.waiting(group, topic) == 1);
        send(topic, 4, "new");
        assertThat(waiting.get().texts()).containsExactly("new");
        assertThat(other.waiting(group, topic)).isZero();

        CompletableFuture<Wire.Answer> told =
                CompletableFuture.supplyAsync(() -> pop.notification(group, topic, 20_000));
        Await.until("it waits", SOON, () -> other.waiting(group, topic) == 1);
        send(topic, 4, "newer");
        assertThat(told.get().ext()).containsEntry("hasMsg", "true");
        assertThat(other.peek(group, topic).texts()).containsExactly("newer");
        assertThat(other.pop(group, topic, 32, LONG, 1_000).texts()).containsExactly("newer");
    }

    @Test
    void forgetsAWaitingPopWhoseConnectionIsGone() {
        String topic = fresh("gone");
        String group = fresh("g");
        send(topic, 1, "old");
        PopWire pop = pop();
        assertThat(pop.ack(group, pop.popSome(group, topic, 1, LONG).get(0))).isZero();

        PopWire leaving = new PopWire(server.brokerPort());
        CompletableFuture<?> broken = CompletableFuture.runAsync(() -> leaving.pop(group, topic, 32, LONG, 20_000));
        Await.until("it waits", SOON, () -> pop.waiting(group, topic) == 1);
        leaving.close();
        Await.until("it is forgotten", SOON, () -> pop.waiting(group, topic) == 0);
        Await.until("the client has seen it", SOON, broken::isCompletedExceptionally);
        send(topic, 1, "new");
        assertThat(pop.popSome(group, topic, 32, LONG))
                .extracting(Message::text)
                .containsExactly("new");
    }

    @Test
    void popsInOrder() {
        String topic = fresh("order");
        String group = fresh("g");
        send(topic, 1, "a", "b", "c", "d");

        PopWire pop = pop();
        List<Message> batch = pop.popSome(group, topic, 2, SHORT, "order", "true", "attemptId", "one");
        assertThat(batch).extracting(Message::text).containsExactly("a", "b");
        assertThat(batch.get(0).receipt().split(" ", -1)[3]).isEqualTo("999");
        assertThat(pop.pop(group, topic, -1, 2, SHORT, 100, "order", "true", "attemptId", "two")
                        .code())
                .as("somebody else")
                .isEqualTo(210);
        assertThat(pop.pop(group, topic, -1, 2, SHORT, 100, "order", "true", "attemptId", "one")
                        .texts())
                .as("the same once more")
                .containsExactly("a", "b");

        List<Message> again = pop.popSome(group, topic, 2, LONG, "order", "true", "attemptId", "three");
        assertThat(again).extracting(Message::text).containsExactly("a", "b");
        assertThat(again).extracting(Message::reconsumeTimes).containsOnly(1);
        assertThat(pop.ack(group, again.get(1))).isZero();
        Message held = pop.changeInvisible(group, again.get(0), SHORT);
        List<Message> third = pop.popSome(group, topic, 2, LONG, "order", "true");
        assertThat(third).extracting(Message::text).containsExactly("a");
        assertThat(third.get(0).reconsumeTimes()).isEqualTo(2);
        assertThat(pop.ack(group, held)).as("of the pop before").isZero();
        assertThat(pop.ack(group, topic, 0, third.get(0).receipt(), 2)).isEqualTo(13);
        assertThat(pop.ack(group, third.get(0))).isZero();

        List<Message> rest = pop.popSome(group, topic, 32, LONG, "order", "true");
        assertThat(rest).extracting(Message::text).containsExactly("c", "d");
        assertThat(rest).extracting(Message::reconsumeTimes).containsOnly(0);
        for (Message message : rest) assertThat(pop.ack(group, message)).isZero();
        Await.until("all is consumed", SOON, () -> pop.committed(group, topic, 0) == 4);
    }

    @Test
    void filtersByTagsAndByConditions() {
        String topic = fresh("filter");
        try (Producer producer =
                client(Peers.NEW).producer(ProducerSpec.of(fresh("p")).queues(1))) {
            producer.send(Draft.of(topic, "x1").tags("X").with("n", "1"));
            producer.send(Draft.of(topic, "y2").tags("Y").with("n", "2"));
            producer.send(Draft.of(topic, "x3").tags("X").with("n", "3"));
        }
        PopWire pop = pop();
        assertThat(pop.popSome(fresh("g"), topic, 32, LONG, "expType", "TAG", "exp", "X"))
                .extracting(Message::text)
                .containsExactly("x1", "x3");
        String group = fresh("g");
        assertThat(pop.popSome(group, topic, 32, LONG, "expType", "SQL92", "exp", "n > 1"))
                .extracting(Message::text)
                .containsExactly("y2", "x3");
        assertThat(pop.pop(group, topic, -1, 32, LONG, 100, "expType", "SQL92", "exp", "n >")
                        .code())
                .isEqualTo(23);
    }

    @Test
    void refusesWhatItCannotDo() {
        String topic = fresh("refuse");
        String group = fresh("g");
        send(topic, 1, "a");
        PopWire pop = pop();
        String late = "" + (System.currentTimeMillis() - 60_000);
        assertThat(pop.pop(group, topic, -1, 32, LONG, 100, "bornTime", late).code())
                .isEqualTo(210);
        assertThat(pop.pop(group, topic, 33, LONG, 100).code()).isEqualTo(29);
        assertThat(pop.pop(group, topic, 1, 32, LONG, 100).code()).isEqualTo(29);
        assertThat(pop.pop(group, topic, 32, 0, 100).code()).isEqualTo(29);
        assertThat(pop.pop(group, fresh("unknown"), 32, LONG, 100).code()).isEqualTo(17);

        Message message = pop.popSome(group, topic, 1, LONG).get(0);
        assertThat(pop.ack(group, fresh("unknown"), 0, message.receipt(), 0)).isEqualTo(17);
        assertThat(pop.ack(group, topic, 7, message.receipt(), 0)).isEqualTo(13);
        assertThat(pop.ack(group, topic, 0, message.receipt(), 99)).isEqualTo(208);
        assertThat(pop.ack(group, topic, 0, "no receipt", 0)).isEqualTo(29);
        assertThat(pop.askChange(group, message, -1).code()).isEqualTo(29);
    }

    @Test
    void keepsAndAnswersModes() {
        String topic = fresh("mode");
        String group = fresh("g");
        send(topic, 1, "a");
        PopWire pop = pop();
        assertThat(pop.setMode(group, topic, "POP", 0)).as("no such group yet").isEqualTo(26);
        assertThat(pop.popSome(group, topic, 1, LONG)).hasSize(1);

        assertThat(pop.setMode(group, topic, "POP", -1)).isZero();
        assertThat(pop.setMode(group, "%RETRY%" + group, "POP", 0)).isEqualTo(16);
        assertThat(pop.setMode(group, fresh("unknown"), "POP", 0)).isEqualTo(17);
        assertThat(pop.modes()
                        .path("messageRequestModeMap")
                        .path(topic)
                        .path(group)
                        .path("mode")
                        .asText())
                .isEqualTo("POP");
        assertThat(Wire.json(pop.assignment(group, topic, "nobody").body()).has("messageQueueAssignments"))
                .as("no member is connected")
                .isFalse();
    }

    @Test
    void losesAndBlocksNothingWhenKilled() {
        Server own = start(ServerSpec.plain().named("broker-a"));
        String topic = fresh("killed");
        String group = fresh("g");
        List<String> texts = new ArrayList<>();
        try (Producer producer = Peers.client(Peers.NEW, own.nameServer())
                .producer(ProducerSpec.of(fresh("p")).queues(4))) {
            for (int i = 0; i < 200; i++) {
                texts.add("m" + i);
                producer.send(Draft.of(topic, "m" + i));
            }
        }
        Set<String> acked = new HashSet<>();
        List<Message> held = new ArrayList<>();
        String ordered = fresh("g");
        List<Message> batch;
        try (PopWire pop = new PopWire(own.brokerPort())) {
            for (int round = 0; round < 10; round++) {
                for (Message message : pop.popSome(group, topic, 16, 3_000)) {
                    if (message.offset() % 3 == 0) {
                        assertThat(pop.ack(group, message)).isZero();
                        acked.add(message.text());
                    } else {
                        held.add(message);
                    }
                }
            }
            held.add(pop.changeInvisible(group, held.remove(held.size() - 1), LONG));
            batch = pop.popSome(ordered, topic, 8, 30_000, "order", "true", "queueId", "0");
            assertThat(pop.ack(ordered, batch.get(0))).isZero();
        }
        own.kill();
        own.restart();

        Set<String> came = new HashSet<>(acked);
        try (PopWire pop = new PopWire(own.brokerPort())) {
            assertThat(pop.pop(ordered, topic, 0, 8, LONG, 100, "order", "true").code())
                    .as("the batch is held still")
                    .isEqualTo(210);
            for (int i = 1; i < batch.size(); i++)
                assertThat(pop.ack(ordered, batch.get(i))).isZero();
            assertThat(pop.popSome(ordered, topic, 1, LONG, "order", "true", "queueId", "0")
                            .get(0)
                            .offset())
                    .isEqualTo(8);

            Message kept = held.remove(held.size() - 1);
            assertThat(pop.ack(group, kept))
                    .as("with a receipt of the life before")
                    .isZero();
            came.add(kept.text());
            while (came.size() < texts.size()) {
                for (Message message : pop.popSome(group, topic, 32, LONG)) {
                    assertThat(acked).as("acked before").doesNotContain(message.text());
                    assertThat(message.text()).isNotEqualTo(kept.text());
                    came.add(message.text());
                    assertThat(pop.ack(group, message)).isZero();
                }
            }
        }
        assertThat(came).containsExactlyInAnyOrderElementsOf(texts);
    }

    private PopWire pop() {
        return closing(new PopWire(server.brokerPort()));
    }

    private void send(String topic, int queues, String... texts) {
        try (Producer producer =
                client(Peers.NEW).producer(ProducerSpec.of(fresh("p")).queues(queues))) {
            for (String text : texts) producer.send(Draft.of(topic, text));
        }
    }
}
