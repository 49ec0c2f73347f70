package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import io.vostok.model.DataVersion;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The body of REGISTER_BROKER (remoting reference 7.4), in its plain and its compressed form. The compressed form carries
 * neither {@code order} nor {@code topicSysFlag} of a topic. Mappings of static topics at its end are not kept.
 */
public record RegisterBroker(TopicConfigTable topicConfigs, List<String> filterServers) {
    private static final int LARGEST_PART = 1 << 20;

    public RegisterBroker {
        filterServers = List.copyOf(filterServers);
    }

    /**
     * Reads the body. A body that is only the topic table, as brokers before 3.0.11 sent, is read as well.
     *
     * @param compressed the header field of this name
     * @throws BadBodyException when it cannot be read, or is larger than 16 MiB when inflated
     */
    public static RegisterBroker read(byte[] body, boolean compressed) {
        return read(ByteBuffer.wrap(body), compressed);
    }

    /** As {@link #read(byte[], boolean)}, from position to limit, which do not move. */
    public static RegisterBroker read(ByteBuffer body, boolean compressed) {
        return compressed ? readParts(ByteBuffer.wrap(Inflation.inflate(body, "registration"))) : readPlain(body);
    }

    /** Returns the plain form as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("filterServerList").texts(filterServers);
        topicConfigs.writeTo(json.key("topicConfigSerializeWrapper"));
        return json.close('}').toBytes();
    }

    /** Returns the compressed form, without mappings, as 4.9 writes it. */
    public byte[] writeCompressed() {
        ByteArrayOutputStream parts = new ByteArrayOutputStream();
        part(DataVersionJson.write(topicConfigs.version()), parts);
        int32(topicConfigs.topics().size(), parts);
        for (Topic topic : topicConfigs.topics().values()) {
            part(topicText(topic).getBytes(StandardCharsets.UTF_8), parts);
        }
        part(new JsonText().texts(filterServers).toBytes(), parts);
        return Inflation.deflate(parts.toByteArray());
    }

    private static RegisterBroker readPlain(ByteBuffer body) {
        JsonNode json = BodyJson.table(body, "registration");
        boolean bare = !json.has("topicConfigSerializeWrapper") && json.has("topicConfigTable");
        JsonNode table = bare ? json : Json.objectAt(json, "topicConfigSerializeWrapper");
        return new RegisterBroker(TopicConfigTable.of(table), Json.texts(json, "filterServerList"));
    }

    private static RegisterBroker readParts(ByteBuffer parts) {
        DataVersion version = DataVersionJson.read(part(parts, "data version"));
        int count = length(parts, "topic count");
        if (count > parts.remaining() / 4) {
            throw new BadBodyException("registration tells " + count + " topics, which do not fit into it");
        }
        Map<TopicName, Topic> topics = new LinkedHashMap<>();
        Problems problems = new Problems();
        for (int i = 0; i < count; i++) {
            String text = StandardCharsets.UTF_8.decode(part(parts, "topic")).toString();
            try {
                Topic topic = topicOf(text);
                topics.put(topic.name(), topic);
            } catch (BadBodyException e) {
                problems.add("topic '" + Json.shown(text) + "' left out: " + e.getMessage());
            }
        }
        JsonNode servers = BodyJson.any(part(parts, "filter servers"), "filter servers");
        return new RegisterBroker(
                new TopicConfigTable(topics, version, problems.list()),
                Json.absent(servers)
                        ? List.of()
                        : Json.elements(
                                servers, "filterServerList", server -> Json.textOf(server, "filterServerList")));
    }

    private static Topic topicOf(String text) {
        // Attributes are JSON and may hold spaces, so the sixth part is the rest.
        String[] parts = text.split(" ", 6);
        if (parts.length < 5) throw new BadBodyException("a topic needs five parts, came " + parts.length);
        Map<String, String> attributes = Map.of();
        if (parts.length == 6 && !parts[5].isBlank()) {
            ByteBuffer json = StandardCharsets.UTF_8.encode("{\"attributes\":" + parts[5] + "}");
            attributes = TopicJson.attributes(BodyJson.object(json, "attributes"));
        }
        return TopicJson.checked(
                parts[0],
                Json.narrow(Json.parseLong(parts[1], "readQueueNums"), "readQueueNums"),
                Json.narrow(Json.parseLong(parts[2], "writeQueueNums"), "writeQueueNums"),
                Json.narrow(Json.parseLong(parts[3], "perm"), "perm"),
                parts[4],
                0,
                false,
                attributes);
    }

    /** Attributes only where there are some: 4.9 name servers refuse a sixth part. */
    private static String topicText(Topic topic) {
        String text = topic.name() + " " + topic.readQueues() + " " + topic.writeQueues() + " " + topic.perm() + " "
                + TopicJson.filterType(topic);
        if (topic.attributes().isEmpty()) return text;
        JsonText attributes = new JsonText();
        TopicJson.writeAttributes(topic, attributes);
        return text + " " + attributes;
    }

    private static ByteBuffer part(ByteBuffer parts, String name) {
        int length = length(parts, name);
        if (length > parts.remaining() || length > LARGEST_PART) {
            throw new BadBodyException("length " + length + " of " + name + " does not fit the registration");
        }
        ByteBuffer part = parts.slice(parts.position(), length);
        parts.position(parts.position() + length);
        return part;
    }

    private static int length(ByteBuffer parts, String name) {
        if (parts.remaining() < 4) throw new BadBodyException("registration ends before " + name);
        int length = parts.getInt();
        if (length < 0) throw new BadBodyException("length " + length + " of " + name + " is below zero");
        return length;
    }

    private static void part(byte[] part, ByteArrayOutputStream parts) {
        int32(part.length, parts);
        parts.writeBytes(part);
    }

    private static void int32(int value, ByteArrayOutputStream parts) {
        parts.write(value >> 24);
        parts.write(value >> 16);
        parts.write(value >> 8);
        parts.write(value);
    }
}
