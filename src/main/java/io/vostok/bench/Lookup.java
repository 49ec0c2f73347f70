package io.vostok.bench;

import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.body.BrokerData;
import io.vostok.wire.body.ClusterInfo;
import io.vostok.wire.body.QueueData;
import io.vostok.wire.body.TopicRoute;
import io.vostok.wire.frame.Command;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Finds the broker of a topic through the name server, and makes the topic when it is missing. Blocks. */
final class Lookup {
    private static final int TRIES = 100;
    private static final long PAUSE_NANOS = 100_000_000;
    private static final int READ_AND_WRITE = 6;

    private Lookup() {}

    /**
     * Finds the topic's master.
     *
     * @throws IOException when the name server or the broker does not answer, or refuses; the text says which
     */
    static Target find(Plan plan) throws IOException {
        try (Caller nameServer = new Caller(address(plan.aim().nameServer()))) {
            Target found = route(nameServer, plan.aim().topic());
            if (found != null) return found;
            create(master(nameServer), plan);
            for (int i = 0; i < TRIES; i++) {
                found = route(nameServer, plan.aim().topic());
                if (found != null) return found;
                LockSupport.parkNanos(PAUSE_NANOS); // the broker tells its name servers after it has answered us
            }
        }
        throw new IOException("topic '" + plan.aim().topic() + "' was created, but "
                + plan.aim().nameServer() + " has no route to it");
    }

    private static @Nullable Target route(Caller nameServer, String topic) throws IOException {
        Command answer = nameServer.call(RequestCode.GET_ROUTEINFO_BY_TOPIC, Map.of("topic", topic));
        if (answer.code() == ResponseCode.TOPIC_NOT_EXIST) return null;
        refuse(answer, "route of topic '" + topic + "'");
        TopicRoute route = TopicRoute.read(nameServer.body());
        for (QueueData queues : route.queueDatas()) {
            for (BrokerData broker : route.brokerDatas()) {
                String address = broker.brokerAddrs().get(0L);
                if (!broker.brokerName().equals(queues.brokerName()) || address == null) continue;
                int both = Math.min(queues.readQueueNums(), queues.writeQueueNums());
                if (both > 0) return new Target(address(address), broker.brokerName(), topic, both);
            }
        }
        throw new IOException("topic '" + topic + "' has no queue on a master");
    }

    private static InetSocketAddress master(Caller nameServer) throws IOException {
        Command answer = nameServer.call(RequestCode.GET_BROKER_CLUSTER_INFO, Map.of());
        refuse(answer, "list of brokers");
        for (BrokerData broker :
                ClusterInfo.read(nameServer.body()).brokerAddrTable().values()) {
            String address = broker.brokerAddrs().get(0L);
            if (address != null) return address(address);
        }
        throw new IOException("no broker has registered with the name server");
    }

    private static void create(InetSocketAddress broker, Plan plan) throws IOException {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("topic", plan.aim().topic());
        fields.put("defaultTopic", "TBW102");
        fields.put("readQueueNums", Integer.toString(plan.aim().queues()));
        fields.put("writeQueueNums", Integer.toString(plan.aim().queues()));
        fields.put("perm", Integer.toString(READ_AND_WRITE));
        fields.put("topicFilterType", "SINGLE_TAG");
        fields.put("topicSysFlag", "0");
        fields.put("order", "false");
        try (Caller caller = new Caller(broker)) {
            refuse(
                    caller.call(RequestCode.UPDATE_AND_CREATE_TOPIC, fields),
                    "creating topic '" + plan.aim().topic() + "'");
        }
    }

    private static void refuse(Command answer, String what) throws IOException {
        if (answer.code() != ResponseCode.SUCCESS) {
            throw new IOException(what + " was refused with " + answer.code() + ": " + answer.remark());
        }
    }

    private static InetSocketAddress address(String text) throws IOException {
        int colon = text.lastIndexOf(':');
        try {
            String host = text.substring(0, Math.max(0, colon));
            if (host.startsWith("[") && host.endsWith("]")) host = host.substring(1, host.length() - 1);
            return new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw new IOException("'" + text + "' is not host:port", e);
        }
    }
}
