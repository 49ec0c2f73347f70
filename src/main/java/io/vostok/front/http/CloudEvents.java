package io.vostok.front.http;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * CloudEvents 1.0 on HTTP to the RocketMQ binding: attributes become properties {@code CE_name}, the media type of the data
 * {@code CE_contenttype}; a structured event stays as it is, with its own media type there. An event's id becomes the key,
 * its {@code partitionkey} the message group, unless the request says otherwise.
 */
final class CloudEvents {
    static final String STRUCTURED = "application/cloudevents+json";
    static final String BATCH = "application/cloudevents-batch+json";

    private static final String HEADER_PREFIX = "ce-";
    private static final String PROPERTY_PREFIX = "CE_";
    private static final String CONTENT_TYPE = "CE_contenttype";
    private static final Pattern ATTRIBUTE = Pattern.compile("[a-z0-9]{1,64}");
    private static final List<String> REQUIRED = List.of("id", "source", "specversion", "type");

    private CloudEvents() {}

    static boolean isBinary(MultiMap headers) {
        return headers.contains("ce-specversion");
    }

    /** Adds the attributes that the headers carry. @throws Problem.Found when they make no event */
    static void binary(MultiMap headers, @Nullable String mediaType, Draft.Builder draft) {
        JsonObject attributes = new JsonObject();
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!name.startsWith(HEADER_PREFIX)) continue;
            attributes.put(name.substring(HEADER_PREFIX.length()), decoded(name, header.getValue()));
        }
        check(attributes);
        for (String name : attributes.fieldNames()) {
            if (!ATTRIBUTE.matcher(name).matches()) {
                throw wrong("`" + Shape.shown(name) + "` is no name of an attribute: lower-case letters and digits");
            }
            String value = attributes.getString(name);
            if (!value.isEmpty()) draft.system(PROPERTY_PREFIX + name, value);
        }
        draft.system(CONTENT_TYPE, mediaType);
        inherit(attributes, draft);
    }

    /** Takes one event that is JSON as a whole; returns the body to store. @throws Problem.Found when it is no event */
    static Buffer structured(JsonObject event, Buffer text, Draft.Builder draft) {
        check(event);
        draft.system(CONTENT_TYPE, STRUCTURED);
        inherit(event, draft);
        return text;
    }

    private static void inherit(JsonObject attributes, Draft.Builder draft) {
        draft.usualKey(attributes.getString("id"));
        if (attributes.getValue("partitionkey") instanceof String partition && !partition.isEmpty()) {
            draft.messageGroup(partition);
        }
    }

    private static void check(JsonObject attributes) {
        for (String name : REQUIRED) {
            if (!(attributes.getValue(name) instanceof String value) || value.isEmpty()) {
                throw wrong("a CloudEvent must have the attribute `" + name + "`");
            }
        }
        if (!attributes.getString("specversion").equals("1.0")) {
            throw wrong("specversion must be 1.0, was `" + Shape.shown(attributes.getString("specversion")) + "`");
        }
    }

    private static String decoded(String name, String value) {
        try {
            // Of the header's characters only % means something; a plus sign stays one.
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw wrong("the header `" + name + "` is not percent-encoded as it should be");
        }
    }

    private static Problem.Found wrong(String remark) {
        return new Problem.Found(Problem.badRequest(remark));
    }
}
