package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * How many queues of a topic one broker has.
 *
 * @param perm bits of {@code model.Permission}
 * @param topicSysFlag bit 0 unit, bit 1 unit-sub
 */
public record QueueData(String brokerName, int readQueueNums, int writeQueueNums, int perm, int topicSysFlag) {
    static QueueData of(JsonNode json) {
        Json.requireObject(json, "queueDatas");
        return new QueueData(
                Json.requireText(json, "brokerName"),
                Json.intOr(json, "readQueueNums", 0),
                Json.intOr(json, "writeQueueNums", 0),
                Json.intOr(json, "perm", 0),
                Json.intOr(json, "topicSysFlag", 0));
    }

    void writeTo(JsonText json) {
        json.open('{')
                .key("brokerName")
                .text(brokerName)
                .key("perm")
                .number(perm)
                .key("readQueueNums")
                .number(readQueueNums)
                .key("topicSysFlag")
                .number(topicSysFlag)
                .key("writeQueueNums")
                .number(writeQueueNums)
                .close('}');
    }
}
