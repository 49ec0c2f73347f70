package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.kit.Http;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Mqadmin;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.VostokServer;
import io.vostok.kit.Await;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Members of a group that contradict each other: operators see which, and how, as long as they do. */
class ConflictIT extends Scenario {
    @Override
    protected VostokServer startOwn() {
        return ended(VostokServer.start(spec(), "--sessions.conflictInterval=1s"));
    }

    private Http http() {
        return closing(new Http(((VostokServer) server).httpPort()));
    }

    private static Optional<JsonObject> conflict(Http http, String group) {
        JsonArray groups =
                http.get("/api/v1/subscriptions?limit=500&conflicts=true").getJsonArray("items");
        return groups.stream()
                .map(each -> (JsonObject) each)
                .filter(each -> each.getString("group").equals(group))
                .map(each -> each.getJsonObject("conflict"))
                .findFirst();
    }

    private void assertToldOf(Http http, String group, String kind, String... differences) {
        Await.until(
                "the conflict of " + group,
                SOON,
                () -> conflict(http, group)
                        .filter(each -> each.getString("kind").equals(kind))
                        .isPresent());
        JsonObject conflict = conflict(http, group).orElseThrow();
        assertThat(conflict.getString("first")).contains("@one" + group);
        assertThat(conflict.getString("second")).contains("@two" + group);
        assertThat(conflict.getString("words"))
                .contains(differences)
                .contains(group, conflict.getString("first"), conflict.getString("second"));
        Await.until("the log tells of it again and again", SOON, () -> told(conflict.getString("words")) >= 2);
    }

    private long told(String words) {
        return ((VostokServer) server)
                .child().lines().stream()
                        .filter(line -> line.contains("subscriptions conflict") && line.contains(words))
                        .count();
    }

    private static void assertOver(Http http, String group) {
        Await.until("no conflict of " + group, SOON, () -> conflict(http, group).isEmpty());
    }

    private ConsumerSpec one(String group, String topic) {
        return ConsumerSpec.of(group, topic).as("one" + group);
    }

    private ConsumerSpec two(String group, String topic) {
        return ConsumerSpec.of(group, topic).as("two" + group);
    }

    private String topic(String version) {
        String topic = fresh("t");
        try (Producer producer = client(version).producer(ProducerSpec.of(fresh("p")))) {
            producer.send(Draft.of(topic, "hello"));
        }
        return topic;
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void differentTopicsTagsModelsAndWaysAreToldOfUntilTheyEnd(String version) {
        Http http = http();
        String topic = topic(version);
        String other = topic(version);
        String topics = fresh("topics");
        String tags = fresh("tags");
        String model = fresh("model");
        String way = fresh("way");

        closing(client(version).consumer(one(topics, topic), new Inbox()));
        Consumer elsewhere = closing(client(version).consumer(two(topics, other), new Inbox()));
        closing(client(version).consumer(one(tags, topic).only("A || B"), new Inbox()));
        Consumer otherTag = closing(client(version).consumer(two(tags, topic).only("C"), new Inbox()));
        closing(client(version).consumer(one(model, topic), new Inbox()));
        Consumer broadcasting =
                closing(client(version).consumer(two(model, topic).toAll(), new Inbox()));
        closing(client(version).consumer(one(way, topic), new Inbox()));
        AutoCloseable pulling = closing(client(version).litePull(two(way, topic)));

        assertToldOf(http, topics, "TOPICS", topic + "=*", other + "=*");
        assertToldOf(http, tags, "EXPRESSION", topic + "=A || B", topic + "=C");
        assertToldOf(http, model, "MESSAGE_MODEL", "CLUSTERING", "BROADCASTING");
        assertToldOf(http, way, "CONSUME_TYPE", "CONSUME_PASSIVELY", "CONSUME_ACTIVELY");

        elsewhere.close();
        assertOver(http, topics);
        otherTag.subscribe(topic, "A || B");
        assertOver(http, tags);
        broadcasting.close();
        assertOver(http, model);
        close(pulling);
        assertOver(http, way);
        assertThat(http.get("/api/v1/groups/" + tags).getValue("conflict")).isNull();
    }

    @Test
    void membersThatAgreeAreNoConflict() {
        Http http = http();
        String topic = topic(Peers.NEW);
        String group = fresh("alike");

        closing(client(Peers.OLD).consumer(one(group, topic).only("A||B"), new Inbox()));
        closing(client(Peers.NEW).consumer(two(group, topic).only("A||B"), new Inbox()));

        Await.until(
                "both are there",
                SOON,
                () -> http.get("/api/v1/clients?group=" + group)
                                .getJsonArray("items")
                                .size()
                        == 2);
        assertThat(conflict(http, group)).isEmpty();
    }

    /** The tool itself warns only of members that run for two minutes; what it shows is what tells them apart. */
    @Test
    void mqadminShowsBothMembersAndWhatEitherWants() {
        String topic = topic(Peers.NEW);
        String other = topic(Peers.NEW);
        String group = fresh("shown");
        closing(client(Peers.OLD).consumer(one(group, topic), new Inbox()));
        closing(client(Peers.NEW).consumer(two(group, other), new Inbox()));
        assertToldOf(http(), group, "TOPICS", topic + "=*", other + "=*");

        try (Mqadmin mqadmin = new Mqadmin(server.nameServer())) {
            String shown = Mqadmin.text(mqadmin.ok("consumerConnection", "-g", group));
            assertThat(shown).contains("one" + group, "two" + group, topic, other);
        }
    }

    private static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
