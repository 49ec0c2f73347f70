package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of one broker set.
 *
 * @param brokerAddrs broker id to {@code ip:port}; id 0 is the master
 * @param zoneName 5.x; null when it has none
 * @param enableActingMaster 5.x
 */
public record BrokerData(
        String cluster,
        String brokerName,
        SortedMap<Long, String> brokerAddrs,
        @Nullable String zoneName,
        boolean enableActingMaster) {

    public BrokerData {
        brokerAddrs = Collections.unmodifiableSortedMap(new TreeMap<>(brokerAddrs));
    }

    static BrokerData of(JsonNode json) {
        Json.requireObject(json, "brokerData");
        return new BrokerData(
                Json.textOr(json, "cluster", ""),
                Json.requireText(json, "brokerName"),
                addresses(json),
                Json.text(json, "zoneName"),
                Json.flagOr(json, "enableActingMaster", false));
    }

    JsonText writeTo(JsonText json, KeyForm keys) {
        json.open('{');
        writeAddresses(brokerAddrs, json, keys);
        json.key("brokerName").text(brokerName).key("cluster").text(cluster);
        json.key("enableActingMaster").flag(enableActingMaster);
        if (zoneName != null) json.key("zoneName").text(zoneName);
        return json.close('}');
    }

    static SortedMap<Long, String> addresses(JsonNode json) {
        SortedMap<Long, String> addresses = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry :
                Json.objectAt(json, "brokerAddrs").properties()) {
            if (entry.getValue().isNull()) continue;
            addresses.put(Json.parseLong(entry.getKey(), "brokerAddrs"), Json.textOf(entry.getValue(), "brokerAddrs"));
        }
        return addresses;
    }

    static void writeAddresses(SortedMap<Long, String> addresses, JsonText json, KeyForm keys) {
        json.key("brokerAddrs").open('{');
        addresses.forEach((id, address) -> json.key(id, keys).text(address));
        json.close('}');
    }
}
