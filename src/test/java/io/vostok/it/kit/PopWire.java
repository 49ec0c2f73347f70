package io.vostok.it.kit;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pop requests by hand, and receipts made of the answers as Apache's client makes them. */
public final class PopWire implements AutoCloseable {
    private static final int POP_MESSAGE = 200050;
    private static final int ACK_MESSAGE = 200051;
    private static final int PEEK_MESSAGE = 200052;
    private static final int CHANGE_MESSAGE_INVISIBLETIME = 200053;
    private static final int NOTIFICATION = 200054;
    private static final int POLLING_INFO = 200055;
    private static final int BATCH_ACK_MESSAGE = 200151;
    private static final int QUERY_ASSIGNMENT = 400;
    private static final int SET_MESSAGE_REQUEST_MODE = 401;
    private static final int GET_ALL_MESSAGE_REQUEST_MODE = 402;

    private final Wire wire;

    public PopWire(int port) {
        wire = new Wire(port);
    }

    /** A popped message. */
    public record Message(
            String text,
            String topic,
            int queueId,
            long offset,
            int reconsumeTimes,
            Map<String, String> properties,
            String receipt) {
        /** The topic under which it is acked. */
        public String realTopic(String group) {
            return switch (receipt.split(" ", -1)[4]) {
                case "1" -> "%RETRY%" + group + "_" + topic;
                case "2" -> "%RETRY%" + group + "+" + topic;
                default -> topic;
            };
        }

        public long popMillis() {
            return Long.parseLong(receipt.split(" ", -1)[1]);
        }
    }

    /** The answer to a pop; {@code messages} is empty unless the code is 0. */
    public record Answer(int code, Map<String, String> ext, List<Message> messages) {
        public List<String> texts() {
            return messages.stream().map(Message::text).toList();
        }
    }

    /** Pops from any queue. */
    public Answer pop(String group, String topic, int most, long invisibleMillis, long pollMillis) {
        return pop(group, topic, -1, most, invisibleMillis, pollMillis);
    }

    /** Pops with further fields. */
    public Answer pop(
            String group, String topic, int queue, int most, long invisibleMillis, long pollMillis, String... more) {
        List<String> ext = new ArrayList<>(List.of(
                "consumerGroup",
                group,
                "topic",
                topic,
                "queueId",
                "" + queue,
                "maxMsgNums",
                "" + most,
                "invisibleTime",
                "" + invisibleMillis,
                "pollTime",
                "" + pollMillis,
                "bornTime",
                "0",
                "initMode",
                "0"));
        for (int i = 0; i < more.length; i += 2) {
            int known = ext.indexOf(more[i]);
            if (known >= 0) ext.set(known + 1, more[i + 1]);
            else ext.addAll(List.of(more[i], more[i + 1]));
        }
        return read(wire.ask(POP_MESSAGE, ext.toArray(new String[0])), topic);
    }

    /** Pops until there is something, or the test has no patience any more. */
    public List<Message> popSome(String group, String topic, int most, long invisibleMillis, String... more) {
        long end = System.nanoTime() + Scenario.SOON.toNanos();
        while (System.nanoTime() - end < 0) {
            Answer answer = pop(group, topic, -1, most, invisibleMillis, 2_000, more);
            if (answer.code() == 0) return answer.messages();
            if (answer.code() != 210) throw new AssertionError("popped: " + answer);
        }
        throw new AssertionError("nothing came of " + topic + " to " + group);
    }

    public int ack(String group, Message message) {
        return ack(group, message.realTopic(group), message.queueId(), message.receipt(), message.offset());
    }

    public int ack(String group, String topic, int queue, String receipt, long offset) {
        return wire.ask(
                        ACK_MESSAGE,
                        "consumerGroup",
                        group,
                        "topic",
                        topic,
                        "queueId",
                        "" + queue,
                        "extraInfo",
                        receipt,
                        "offset",
                        "" + offset)
                .code();
    }

    public int batchAck(String body) {
        return wire.ask(BATCH_ACK_MESSAGE, body.getBytes(StandardCharsets.UTF_8))
                .code();
    }

    /** Returns the message with its new receipt. */
    public Message changeInvisible(String group, Message message, long invisibleMillis) {
        Wire.Answer answer = askChange(group, message, invisibleMillis);
        if (answer.code() != 0) throw new AssertionError("not changed: " + answer);
        String[] old = message.receipt().split(" ", -1);
        String receipt = message.offset() + " " + answer.ext().get("popTime") + " "
                + answer.ext().get("invisibleTime") + " " + answer.ext().get("reviveQid") + " " + old[4] + " " + old[5]
                + " " + old[6] + " " + message.offset();
        return new Message(
                message.text(),
                message.topic(),
                message.queueId(),
                message.offset(),
                message.reconsumeTimes(),
                message.properties(),
                receipt);
    }

    public Wire.Answer askChange(String group, Message message, long invisibleMillis) {
        return wire.ask(
                CHANGE_MESSAGE_INVISIBLETIME,
                "consumerGroup",
                group,
                "topic",
                message.realTopic(group),
                "queueId",
                "" + message.queueId(),
                "extraInfo",
                message.receipt(),
                "offset",
                "" + message.offset(),
                "invisibleTime",
                "" + invisibleMillis);
    }

    public Wire.Answer notification(String group, String topic, long pollMillis) {
        return wire.ask(
                NOTIFICATION,
                "consumerGroup",
                group,
                "topic",
                topic,
                "queueId",
                "-1",
                "pollTime",
                "" + pollMillis,
                "bornTime",
                "" + System.currentTimeMillis());
    }

    public int waiting(String group, String topic) {
        Wire.Answer answer = wire.ask(POLLING_INFO, "consumerGroup", group, "topic", topic, "queueId", "-1");
        if (answer.code() != 0) throw new AssertionError("not told: " + answer);
        return Integer.parseInt(answer.ext().getOrDefault("pollingNum", ""));
    }

    public Answer peek(String group, String topic) {
        return read(
                wire.ask(PEEK_MESSAGE, "consumerGroup", group, "topic", topic, "queueId", "-1", "maxMsgNums", "32"),
                topic);
    }

    public Wire.Answer assignment(String group, String topic, String clientId) {
        String body = "{\"topic\":\"" + topic + "\",\"consumerGroup\":\"" + group + "\",\"clientId\":\"" + clientId
                + "\",\"strategyName\":\"AVG\",\"messageModel\":\"CLUSTERING\"}";
        return wire.ask(QUERY_ASSIGNMENT, body.getBytes(StandardCharsets.UTF_8));
    }

    public int setMode(String group, String topic, String mode, int share) {
        String body = "{\"topic\":\"" + topic + "\",\"consumerGroup\":\"" + group + "\",\"mode\":\"" + mode
                + "\",\"popShareQueueNum\":" + share + "}";
        return wire.ask(SET_MESSAGE_REQUEST_MODE, body.getBytes(StandardCharsets.UTF_8))
                .code();
    }

    public JsonNode modes() {
        return Wire.json(wire.ask(GET_ALL_MESSAGE_REQUEST_MODE).body());
    }

    /** The group's committed offset, -1 for none. */
    public long committed(String group, String topic, int queue) {
        Wire.Answer answer = wire.ask(
                14, "consumerGroup", group, "topic", topic, "queueId", "" + queue, "setZeroIfNotFound", "false");
        return answer.code() == 0 ? Long.parseLong(answer.ext().getOrDefault("offset", "")) : -1;
    }

    private static Answer read(Wire.Answer answer, String topic) {
        if (answer.code() != 0) return new Answer(answer.code(), answer.ext(), List.of());
        Map<String, List<String>> starts = byQueue(answer.ext().getOrDefault("startOffsetInfo", ""));
        Map<String, List<String>> offsets = byQueue(answer.ext().getOrDefault("msgOffsetInfo", ""));
        Map<String, List<String>> counts = byQueue(answer.ext().getOrDefault("orderCountInfo", ""));
        List<Message> messages = new ArrayList<>();
        Map<String, Integer> seen = new HashMap<>();
        ByteBuffer body = ByteBuffer.wrap(answer.body());
        while (body.hasRemaining()) {
            int size = body.getInt(body.position());
            messages.add(read(body.slice(body.position(), size), topic, answer.ext(), starts, offsets, counts, seen));
            body.position(body.position() + size);
        }
        return new Answer(0, answer.ext(), messages);
    }

    private static Message read(
            ByteBuffer record,
            String asked,
            Map<String, String> ext,
            Map<String, List<String>> starts,
            Map<String, List<String>> offsets,
            Map<String, List<String>> counts,
            Map<String, Integer> seen) {
        int queueId = record.getInt(12);
        long offset = record.getLong(20);
        int reconsumeTimes = record.getInt(72);
        int bodyLength = record.getInt(84);
        byte[] text = new byte[bodyLength];
        record.position(88).get(text);
        byte[] topicBytes = new byte[record.get()];
        record.get(topicBytes);
        byte[] properties = new byte[record.getShort()];
        record.get(properties);
        Map<String, String> named = new LinkedHashMap<>();
        for (String pair : new String(properties, StandardCharsets.UTF_8).split("\u0002", -1)) {
            String[] parts = pair.split("\u0001", 2);
            if (parts.length == 2) named.put(parts[0], parts[1]);
        }
        String topic = new String(topicBytes, StandardCharsets.US_ASCII);
        String receipt = named.getOrDefault("POP_CK", "");
        if (receipt.isEmpty() && !starts.isEmpty()) {
            String key = (topic.startsWith("%RETRY%") ? "1 " : "0 ") + queueId;
            List<String> ofQueue = offsets.getOrDefault(key, List.of());
            int index = seen.merge(key, 1, Integer::sum) - 1;
            if (index >= ofQueue.size() || !ofQueue.get(index).equals("" + offset)) {
                throw new AssertionError("offset " + offset + " is not number " + index + " of " + ofQueue);
            }
            receipt = starts.getOrDefault(key, List.of("?")).get(0) + " " + ext.get("popTime") + " "
                    + ext.get("invisibleTime") + " " + ext.get("reviveQid") + " " + key.charAt(0) + " broker-a "
                    + queueId + " " + offset;
            List<String> count = counts.getOrDefault(
                    "0 qo" + queueId + "%" + offset, counts.getOrDefault("0 " + queueId, List.of("0")));
            reconsumeTimes += Integer.parseInt(count.get(0));
        }
        return new Message(
                new String(text, StandardCharsets.UTF_8), asked, queueId, offset, reconsumeTimes, named, receipt);
    }

    private static Map<String, List<String>> byQueue(String info) {
        Map<String, List<String>> map = new HashMap<>();
        for (String entry : info.split(";", -1)) {
            if (entry.isEmpty()) continue;
            String[] fields = entry.split(" ", -1);
            List<String> before = map.put(fields[0] + " " + fields[1], Arrays.asList(fields[2].split(",", -1)));
            if (before != null) throw new AssertionError("twice the same queue in " + info);
        }
        return map;
    }

    @Override
    public void close() {
        wire.close();
    }
}
