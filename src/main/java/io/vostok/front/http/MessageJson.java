package io.vostok.front.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vostok.model.MessageProperties;
import io.vostok.model.OffsetMessageId;
import io.vostok.model.SysFlag;
import io.vostok.service.WaitingMessage;
import io.vostok.wire.record.RecordView;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** Writes a stored message as JSON. Any thread. */
final class MessageJson {
    /** How a body is shown. */
    enum BodyForm {
        /** As text when it is UTF-8, else in base64. */
        AUTO,
        BASE64,
        NONE;

        static BodyForm of(@Nullable String text) {
            return text == null ? AUTO : valueOf(text.toUpperCase(java.util.Locale.ROOT));
        }
    }

    /** A compressed body that grows beyond this is shown as it is stored. */
    private static final int LARGEST_INFLATED = 16 << 20;

    private static final int COMPRESSION_SHIFT = 8;
    private static final int COMPRESSION_MASK = 7;

    private MessageJson() {}

    static JsonObject of(RecordView record, BodyForm form) {
        Map<String, String> all = MessageProperties.parse(record.properties(), 0, record.propertiesLength());
        InetSocketAddress storeHost = socket(record.storeAddress(), record.storePort());
        JsonObject json = new JsonObject()
                .put("id", OffsetMessageId.format(storeHost, record.physicalOffset()))
                .put("uniqueId", all.get(MessageProperties.UNIQ_KEY))
                .put("topic", record.topic())
                .put("queue", record.queueId())
                .put("offset", record.queueOffset())
                .put("messageGroup", all.get(MessageProperties.SHARDING_KEY));
        putProperties(json, all);
        json.put("bornAt", Instant.ofEpochMilli(record.bornTimestamp()).toString())
                .put("storedAt", Instant.ofEpochMilli(record.storeTimestamp()).toString())
                .put("bornHost", text(socket(record.bornAddress(), record.bornPort())))
                .put("storeHost", text(storeHost))
                .put("reconsumeTimes", record.reconsumeTimes())
                .put("flag", record.flag())
                .put("sizeBytes", record.sizeBytes())
                .put("bodyBytes", record.bodyLength());
        putContentType(json, all);
        if (form != BodyForm.NONE) {
            byte[] body = new byte[record.bodyLength()];
            record.body().get(body);
            putBody(json, body, record.sysFlag(), form);
        }
        return json;
    }

    static void putContentType(JsonObject json, Map<String, String> properties) {
        @Nullable String contentType = properties.get(Draft.CONTENT_TYPE);
        if (contentType == null) contentType = properties.get("CE_contenttype");
        if (contentType != null) json.put("contentType", contentType);
    }

    /** Adds tag and keys, and all properties: those of the client's own naming apart from those that mean something. */
    static void putProperties(JsonObject json, Map<String, String> all) {
        JsonObject own = new JsonObject();
        JsonObject system = new JsonObject();
        all.forEach((name, value) -> {
            if (!MessageProperties.CRC32.equals(name)) (ReservedNames.contains(name) ? system : own).put(name, value);
        });
        json.put("tag", all.get(MessageProperties.TAGS))
                .put("keys", keys(all.get(MessageProperties.KEYS)))
                .put("properties", own)
                .put("systemProperties", system);
    }

    /** Adds what is known of a message that is not in its queue yet. */
    static void putWaiting(JsonObject json, WaitingMessage message) {
        json.put("topic", message.topic())
                .put("queue", message.queue())
                .put("tag", message.tag())
                .put("keys", keys(message.keys()))
                .put("uniqueId", message.uniqueId())
                .put("sizeBytes", message.sizeBytes())
                .put("storedAt", Instant.ofEpochMilli(message.storedMillis()).toString());
    }

    /** @param stored the body, compressed when {@code sysFlag} says so */
    static void putBody(JsonObject json, byte[] stored, int sysFlag, BodyForm form) {
        byte[] body = stored;
        if ((sysFlag & SysFlag.COMPRESSED) != 0) {
            int kind = (sysFlag >> COMPRESSION_SHIFT) & COMPRESSION_MASK;
            byte @Nullable [] plain = kind == 0 || kind == 3 ? inflate(body) : null;
            if (plain == null) {
                json.put("bodyEncoding", kind == 1 ? "lz4" : kind == 2 ? "zstd" : "zlib");
                json.put("bodyBase64", Base64.getEncoder().encodeToString(body));
                return;
            }
            body = plain;
        }
        @Nullable String text = form == BodyForm.BASE64 ? null : utf8(body);
        if (text != null) {
            json.put("body", text);
        } else {
            json.put("bodyBase64", Base64.getEncoder().encodeToString(body));
        }
    }

    private static @Nullable String utf8(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException binary) {
            return null;
        }
    }

    private static byte @Nullable [] inflate(byte[] body) {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(body);
            java.io.ByteArrayOutputStream plain = new java.io.ByteArrayOutputStream(body.length * 2);
            byte[] piece = new byte[8192];
            while (!inflater.finished()) {
                int bytes = inflater.inflate(piece);
                if (bytes == 0 && (inflater.needsInput() || inflater.needsDictionary())) return null;
                plain.write(piece, 0, bytes);
                if (plain.size() > LARGEST_INFLATED) return null;
            }
            return plain.toByteArray();
        } catch (DataFormatException broken) {
            return null;
        } finally {
            inflater.end();
        }
    }

    private static JsonArray keys(@Nullable String keys) {
        JsonArray array = new JsonArray();
        if (keys == null) return array;
        for (String key : keys.split(" ", -1)) {
            if (!key.isEmpty()) array.add(key);
        }
        return array;
    }

    private static InetSocketAddress socket(byte[] address, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port & 0xFFFF);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("address of " + address.length + " bytes", e); // cannot be: 4 or 16
        }
    }

    private static String text(InetSocketAddress socket) {
        String host = socket.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + socket.getPort();
    }
}
