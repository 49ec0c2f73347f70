package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The body of HEART_BEAT (remoting reference 6.1). Group and topic names are as the client sent them, unchecked.
 *
 * @param heartbeatFingerprint 0 from clients without heartbeat v2
 * @param withoutSub true for the short form of heartbeat v2, whose subscriptions are empty
 */
public record HeartbeatData(
        String clientId,
        List<ProducerData> producers,
        List<ConsumerData> consumers,
        int heartbeatFingerprint,
        boolean withoutSub) {

    public HeartbeatData {
        producers = List.copyOf(producers);
        consumers = List.copyOf(consumers);
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static HeartbeatData read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static HeartbeatData read(ByteBuffer body) {
        JsonNode json = BodyJson.object(body, "heartbeat");
        return new HeartbeatData(
                Json.requireText(json, "clientID"),
                Json.list(json, "producerDataSet", HeartbeatData::producer),
                Json.list(json, "consumerDataSet", ConsumerData::of),
                Json.intOr(json, "heartbeatFingerprint", 0),
                Json.flagOr(json, "withoutSub", false));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("clientID").text(clientId);
        json.key("consumerDataSet").open('[');
        consumers.forEach(consumer -> consumer.writeTo(json));
        json.close(']').key("heartbeatFingerprint").number(heartbeatFingerprint);
        json.key("producerDataSet").open('[');
        producers.forEach(producer ->
                json.open('{').key("groupName").text(producer.groupName()).close('}'));
        return json.close(']').key("withoutSub").flag(withoutSub).close('}').toBytes();
    }

    private static ProducerData producer(JsonNode json) {
        Json.requireObject(json, "producerDataSet");
        return new ProducerData(Json.requireText(json, "groupName"));
    }
}
