package io.vostok.service;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vostok.model.Permission;
import io.vostok.model.Topic;
import io.vostok.time.Clock;
import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.body.BadBodyException;
import io.vostok.wire.body.MessageQueue;
import io.vostok.wire.body.QueueData;
import io.vostok.wire.body.TopicRoute;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The readable queues of a topic on all brokers, as the name servers tell; of this broker as it knows itself. Asked names are kept
 * for some seconds. One event loop.
 */
public final class TopicRoutes {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(3);
    private static final int MOST_KEPT = 10_000;

    private record Known(List<MessageQueue> queues, long sinceNanos) {}

    private final RemotingClient client;
    private final List<String> nameServers;
    private final String brokerName;
    private final Tables tables;
    private final Clock clock;
    private final Map<String, Known> known = new HashMap<>();
    private final Map<String, List<Promise<@Nullable List<MessageQueue>>>> asking = new HashMap<>();

    public TopicRoutes(RemotingClient client, List<String> nameServers, String brokerName, Tables tables, Clock clock) {
        this.client = client;
        this.nameServers = List.copyOf(nameServers);
        this.brokerName = brokerName;
        this.tables = tables;
        this.clock = clock;
    }

    /** Completes with the queues, or null when nobody knows the topic; does not fail. */
    public Future<@Nullable List<MessageQueue>> queues(String topic) {
        @Nullable Known kept = known.get(topic);
        if (kept != null && clock.monotonicNanos() - kept.sinceNanos() < FRESH_NANOS) {
            return Future.succeededFuture(kept.queues());
        }
        Promise<@Nullable List<MessageQueue>> answer = Promise.promise();
        @Nullable List<Promise<@Nullable List<MessageQueue>>> waiting = asking.get(topic);
        if (waiting != null) {
            waiting.add(answer);
            return answer.future();
        }
        asking.put(topic, new ArrayList<>(List.of(answer)));
        ask(topic, 0);
        return answer.future();
    }

    private void ask(String topic, int server) {
        if (server == nameServers.size()) {
            @Nullable Known kept = known.get(topic);
            answer(topic, kept == null ? own(topic) : kept.queues());
            return;
        }
        client.call(
                        nameServers.get(server),
                        RequestCode.GET_ROUTEINFO_BY_TOPIC,
                        Map.of("topic", topic, "acceptStandardJsonOnly", "true"),
                        null,
                        CALL_TIMEOUT)
                .onComplete(done -> {
                    @Nullable List<MessageQueue> found = done.failed() ? null : read(topic, done.result());
                    if (found == null) {
                        ask(topic, server + 1);
                        return;
                    }
                    if (known.size() >= MOST_KEPT) known.clear();
                    known.put(topic, new Known(found, clock.monotonicNanos()));
                    answer(topic, found);
                });
    }

    private @Nullable List<MessageQueue> read(String topic, RemotingClient.Answer answer) {
        if (answer.code() != ResponseCode.SUCCESS) return null;
        try {
            List<MessageQueue> queues = new ArrayList<>();
            for (QueueData data : TopicRoute.read(answer.body()).queueDatas()) {
                if (data.brokerName().equals(brokerName) || !Permission.readable(data.perm())) continue;
                add(queues, topic, data.brokerName(), data.readQueueNums());
            }
            @Nullable List<MessageQueue> own = own(topic);
            if (own != null) queues.addAll(own);
            return List.copyOf(queues);
        } catch (BadBodyException broken) {
            return null;
        }
    }

    private @Nullable List<MessageQueue> own(String topic) {
        @Nullable Topic ours = tables.topics().find(topic);
        if (ours == null) return null;
        List<MessageQueue> queues = new ArrayList<>();
        if (ours.readable()) add(queues, topic, brokerName, ours.readQueues());
        return queues;
    }

    private static void add(List<MessageQueue> queues, String topic, String broker, int count) {
        for (int i = 0; i < count; i++) queues.add(new MessageQueue(topic, broker, i));
    }

    private void answer(String topic, @Nullable List<MessageQueue> queues) {
        @Nullable List<Promise<@Nullable List<MessageQueue>>> waiting = asking.remove(topic);
        if (waiting != null) waiting.forEach(each -> each.complete(queues));
    }
}
