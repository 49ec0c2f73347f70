package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;

/** The body of QUERY_ASSIGNMENT (remoting reference 8.1). */
public record QueryAssignment(
        String topic, String consumerGroup, String clientId, String strategyName, String messageModel) {
    /**
     * Reads the body, from position to limit, which do not move.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static QueryAssignment read(ByteBuffer body) {
        JsonNode json = BodyJson.object(body, "assignment query");
        return new QueryAssignment(
                Json.requireText(json, "topic"),
                Json.requireText(json, "consumerGroup"),
                Json.requireText(json, "clientId"),
                Json.textOr(json, "strategyName", "AVG"),
                Json.textOr(json, "messageModel", "CLUSTERING"));
    }
}
