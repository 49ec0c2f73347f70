package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.body.BadBodyException;
import io.vostok.wire.body.ClusterInfo;
import io.vostok.wire.body.TopicRoute;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Asks the name servers one after another, until one answers; used on one event loop. */
public final class LocalClusterAdmin implements ClusterAdmin {
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(2);

    private final Supplier<RemotingClient> clients;
    private final List<String> nameServers;
    private @Nullable RemotingClient client;

    /**
     * @param clients makes a client, when there is the first question
     * @param nameServers {@code host:port} of each
     */
    public LocalClusterAdmin(Supplier<RemotingClient> clients, List<String> nameServers) {
        this.clients = clients;
        this.nameServers = List.copyOf(nameServers);
    }

    private RemotingClient client() {
        @Nullable RemotingClient made = client;
        if (made == null) {
            made = clients.get();
            client = made;
        }
        return made;
    }

    @Override
    public Future<@Nullable ClusterInfo> cluster() {
        return ask(0, RequestCode.GET_BROKER_CLUSTER_INFO, Map.of(), ClusterInfo::read);
    }

    @Override
    public Future<@Nullable TopicRoute> route(String topic) {
        Map<String, String> fields = Map.of("topic", topic, "acceptStandardJsonOnly", "true");
        return ask(0, RequestCode.GET_ROUTEINFO_BY_TOPIC, fields, TopicRoute::read);
    }

    private <T> Future<@Nullable T> ask(int server, int code, Map<String, String> fields, Function<byte[], T> read) {
        if (server == nameServers.size()) return Future.succeededFuture(null);
        return client().call(nameServers.get(server), code, fields, null, CALL_TIMEOUT)
                .transform(done -> {
                    @Nullable T found = done.failed() ? null : read(done.result(), read);
                    return found == null ? ask(server + 1, code, fields, read) : Future.succeededFuture(found);
                });
    }

    private static <T> @Nullable T read(RemotingClient.Answer answer, Function<byte[], T> read) {
        if (answer.code() != ResponseCode.SUCCESS) return null;
        try {
            return read.apply(answer.body());
        } catch (BadBodyException broken) {
            return null; // The next name server may make more sense.
        }
    }

    @Override
    public Future<Boolean> answers(String address) {
        return client().call(address, RequestCode.GET_BROKER_RUNTIME_INFO, Map.of(), null, CALL_TIMEOUT)
                .map(answer -> answer.code() == ResponseCode.SUCCESS)
                .otherwise(false);
    }
}
