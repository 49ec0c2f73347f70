package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;

/**
 * The body of CHECK_CLIENT_CONFIG: a client asks before it starts whether the broker takes a subscription.
 *
 * @param namespace empty when the client has none
 */
public record CheckClientConfig(String clientId, String group, String namespace, SubscriptionData subscription) {
    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static CheckClientConfig read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static CheckClientConfig read(ByteBuffer body) {
        JsonNode json = BodyJson.object(body, "client config check");
        return new CheckClientConfig(
                Json.textOr(json, "clientId", ""),
                Json.textOr(json, "group", ""),
                Json.textOr(json, "namespace", ""),
                SubscriptionData.of(json.path("subscriptionData")));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("clientId").text(clientId);
        json.key("group").text(group).key("namespace").text(namespace).key("subscriptionData");
        return subscription.writeTo(json).close('}').toBytes();
    }
}
