package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The answer to GET_BROKER_CLUSTER_INFO.
 *
 * @param brokerAddrTable by broker name
 * @param clusterAddrTable broker names by cluster
 */
public record ClusterInfo(Map<String, BrokerData> brokerAddrTable, Map<String, List<String>> clusterAddrTable) {
    public ClusterInfo {
        brokerAddrTable = Collections.unmodifiableMap(new LinkedHashMap<>(brokerAddrTable));
        clusterAddrTable = Collections.unmodifiableMap(new LinkedHashMap<>(clusterAddrTable));
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static ClusterInfo read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static ClusterInfo read(ByteBuffer body) {
        JsonNode json = BodyJson.object(body, "cluster info");
        return new ClusterInfo(
                Json.map(json, "brokerAddrTable", (name, broker) -> BrokerData.of(broker)),
                Json.map(
                        json,
                        "clusterAddrTable",
                        (cluster, brokers) -> Json.elements(
                                brokers, "clusterAddrTable", broker -> Json.textOf(broker, "clusterAddrTable"))));
    }

    /** Returns the body as JSON in UTF-8, with quoted broker ids, which every reader accepts. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("brokerAddrTable").open('{');
        brokerAddrTable.forEach((name, broker) -> broker.writeTo(json.key(name), KeyForm.QUOTED));
        json.close('}').key("clusterAddrTable").open('{');
        clusterAddrTable.forEach((cluster, brokers) -> json.key(cluster).texts(brokers));
        return json.close('}').close('}').toBytes();
    }
}
