package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.it.client.ClientFailure;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Request and reply: the answer comes back over the requester's own connection. */
class RequestReplyIT extends Scenario {
    private static final long PATIENCE_MILLIS = 20_000;

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void answersEachRequestWithItsOwnReply(String version) {
        String topic = fresh("ask");
        Producer requester = closing(client(version).producer(ProducerSpec.of(fresh("p"))));
        Producer replier = closing(client(version).producer(ProducerSpec.of(fresh("r"))));
        // Not the requester: a client that has the route already asks without a heartbeat, and is not known for half a
        // minute.
        replier.send(Draft.of(topic, "makes the topic"));
        closing(client(version).consumer(ConsumerSpec.of(fresh("g"), topic), messages -> {
            for (Got request : messages) {
                if (request.properties().containsKey("CORRELATION_ID")) {
                    replier.reply(request, "reply to " + request.text());
                }
            }
            return true;
        }));

        for (int i = 0; i < 10; i++) {
            assertThat(requester.request(Draft.of(topic, "question " + i), PATIENCE_MILLIS))
                    .isEqualTo("reply to question " + i);
        }
    }

    @Test
    void tellsTheReplierThatTheRequesterIsGone() {
        Producer replier = closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("r"))));
        String topic = fresh("gone");
        replier.send(Draft.of(topic, "makes the topic"));
        Got orphan = everything(Peers.NEW, topic).get(0);
        Got request = orphan.with(Map.of(
                "CORRELATION_ID",
                "c1",
                "REPLY_TO_CLIENT",
                "127.0.0.1@nobody",
                "TTL",
                "3000",
                "CLUSTER",
                "DefaultCluster"));

        assertThatThrownBy(() -> replier.reply(request, new String(orphan.body(), StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(
                        ClientFailure.class,
                        failure -> assertThat(failure.code()).isEqualTo(1));
    }
}
