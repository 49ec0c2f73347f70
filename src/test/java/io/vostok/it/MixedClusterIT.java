package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.Queue;
import io.vostok.it.kit.ApacheServer;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.Wire;
import io.vostok.kit.Await;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A broker under test and one of Apache's, each registered with the name server of both. */
class MixedClusterIT extends Scenario {
    @SuppressWarnings("NullAway.Init") // set before any test
    private Server apache;

    @Override
    protected ServerSpec spec() {
        return ServerSpec.plain().named("broker-a");
    }

    @BeforeAll
    void joinAnApacheBroker() {
        // The broker under test knows only its own name server as yet: a second start gives it Apache's too.
        apache = ended(ApacheServer.start(ServerSpec.plain().named("broker-b").registeringWith(server.nameServer())));
        Server both = start(ServerSpec.plain().named("broker-c").registeringWith(apache.nameServer()));
        Await.until(
                "Apache's name server knows broker-c",
                SOON,
                () -> Wire.clusterKnows(apache.nameServerPort(), "broker-c", both.brokerPort()));
        Await.until(
                "our name server knows broker-b",
                SOON,
                () -> Wire.clusterKnows(server.nameServerPort(), "broker-b", apache.brokerPort()));
    }

    @ParameterizedTest
    @CsvSource({"4.9.8, true", "5.5.0, true", "4.9.8, false", "5.5.0, false"})
    void servesAClientThatReachesBrokersOfBothKinds(String version, boolean throughApache) {
        String nameServer = throughApache ? apache.nameServer() : server.nameServer();
        Set<String> brokers = throughApache ? Set.of("broker-b", "broker-c") : Set.of("broker-a", "broker-b");
        String topic = fresh("mixed");
        Producer producer = closing(Peers.client(version, nameServer)
                .producer(ProducerSpec.of(fresh("p")).queues(4)));
        List<String> texts = new ArrayList<>();
        // Until the topic is on both brokers, the client goes on with the template topic's route, which names both.
        Await.until("the topic is on both brokers", SOON, () -> {
            String text = "m" + texts.size();
            producer.send(Draft.of(topic, text));
            texts.add(text);
            Set<String> names = new HashSet<>();
            producer.queues(topic).forEach(queue -> names.add(queue.broker()));
            return names.equals(brokers) || spread(producer, topic, brokers, texts);
        });

        Inbox inbox = new Inbox();
        closing(Peers.client(version, nameServer).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        for (Queue queue : producer.queues(topic)) {
            String text = "to " + queue.broker() + "/" + queue.index();
            producer.send(Draft.of(topic, text), queue);
            texts.add(text);
        }

        inbox.awaitTexts(texts);
        Set<String> seen = new HashSet<>();
        inbox.all().forEach(got -> seen.add(got.queue().broker()));
        assertThat(seen).isEqualTo(brokers);
    }

    /** Makes the topic on each broker by a send straight to it, as a client does that took the template's route. */
    private static boolean spread(Producer producer, String topic, Set<String> brokers, List<String> texts) {
        for (String broker : brokers) {
            String text = "spread" + texts.size();
            producer.send(Draft.of(topic, text), new Queue(topic, broker, 0));
            texts.add(text);
        }
        return false;
    }
}
