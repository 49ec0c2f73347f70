package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The answer to GET_BROKER_MEMBER_GROUP.
 *
 * @param brokerAddrs broker id to {@code ip:port}
 */
public record BrokerMemberGroup(String cluster, String brokerName, SortedMap<Long, String> brokerAddrs) {
    public BrokerMemberGroup {
        brokerAddrs = Collections.unmodifiableSortedMap(new TreeMap<>(brokerAddrs));
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static BrokerMemberGroup read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static BrokerMemberGroup read(ByteBuffer body) {
        JsonNode json = Json.objectAt(BodyJson.object(body, "broker member group"), "brokerMemberGroup");
        return new BrokerMemberGroup(
                Json.requireText(json, "cluster"), Json.requireText(json, "brokerName"), BrokerData.addresses(json));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("brokerMemberGroup").open('{');
        BrokerData.writeAddresses(brokerAddrs, json, KeyForm.QUOTED);
        return json.key("brokerName")
                .text(brokerName)
                .key("cluster")
                .text(cluster)
                .close('}')
                .close('}')
                .toBytes();
    }
}
