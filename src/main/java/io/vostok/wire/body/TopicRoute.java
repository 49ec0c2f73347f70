package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The answer to GET_ROUTEINFO_BY_TOPIC and the body of REGISTER_TOPIC_IN_NAMESRV (remoting reference 7.1). Queue mappings of
 * static topics, which we do not serve, are not kept.
 *
 * @param orderTopicConf {@code brokerA:4;brokerB:4}; null when the topic is not ordered
 * @param filterServerTable always sent, usually empty
 */
public record TopicRoute(
        @Nullable String orderTopicConf,
        List<QueueData> queueDatas,
        List<BrokerData> brokerDatas,
        Map<String, List<String>> filterServerTable) {

    public TopicRoute {
        queueDatas = List.copyOf(queueDatas);
        brokerDatas = List.copyOf(brokerDatas);
        filterServerTable = Collections.unmodifiableMap(new LinkedHashMap<>(filterServerTable));
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static TopicRoute read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static TopicRoute read(ByteBuffer body) {
        JsonNode json = BodyJson.object(body, "topic route");
        return new TopicRoute(
                Json.text(json, "orderTopicConf"),
                Json.list(json, "queueDatas", QueueData::of),
                Json.list(json, "brokerDatas", BrokerData::of),
                Json.map(
                        json,
                        "filterServerTable",
                        (broker, servers) -> Json.elements(
                                servers, "filterServerTable", server -> Json.textOf(server, "filterServerTable"))));
    }

    /** Returns the body as JSON in UTF-8, with broker ids written as {@code keys} says. */
    public byte[] write(KeyForm keys) {
        JsonText json = new JsonText().open('{').key("brokerDatas").open('[');
        brokerDatas.forEach(broker -> broker.writeTo(json, keys));
        json.close(']').key("filterServerTable").open('{');
        filterServerTable.forEach((broker, servers) -> json.key(broker).texts(servers));
        json.close('}');
        if (orderTopicConf != null) json.key("orderTopicConf").text(orderTopicConf);
        json.key("queueDatas").open('[');
        queueDatas.forEach(queues -> queues.writeTo(json));
        return json.close(']').close('}').toBytes();
    }
}
