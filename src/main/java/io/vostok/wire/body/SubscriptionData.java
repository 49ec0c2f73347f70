package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What a group wants of one topic (remoting reference 6.1).
 *
 * @param subString {@code *}, tags separated by {@code ||}, or the SQL text
 * @param expressionType {@code TAG} or {@code SQL92}; kept as it came
 * @param tags empty for {@code *} and for SQL
 * @param codes {@code String.hashCode()} of the tags
 * @param subVersion milliseconds; a newer one replaces an older one
 */
public record SubscriptionData(
        String topic,
        String subString,
        String expressionType,
        Set<String> tags,
        Set<Integer> codes,
        long subVersion,
        boolean classFilterMode) {

    /** Everything of the topic. */
    public static final String ALL = "*";
    /** The expression is a list of tags. */
    public static final String TAG = "TAG";
    /** The expression is a condition on properties. */
    public static final String SQL92 = "SQL92";

    public SubscriptionData {
        tags = Collections.unmodifiableSet(new LinkedHashSet<>(tags));
        codes = Collections.unmodifiableSet(new LinkedHashSet<>(codes));
    }

    /** Returns a TAG subscription as clients build it from {@code expression}: {@code *}, nothing, or {@code A || B}. */
    public static SubscriptionData ofTags(String topic, String expression, long subVersion) {
        Set<String> tags = new LinkedHashSet<>();
        Set<Integer> codes = new LinkedHashSet<>();
        String subString = expression.isEmpty() ? ALL : expression;
        if (!subString.equals(ALL)) {
            int from = 0;
            while (from <= subString.length()) {
                int bars = subString.indexOf("||", from);
                int to = bars < 0 ? subString.length() : bars;
                String tag = subString.substring(from, to).trim();
                if (!tag.isEmpty()) {
                    tags.add(tag);
                    codes.add(tag.hashCode());
                }
                from = to + 2;
            }
        }
        return new SubscriptionData(topic, subString, TAG, tags, codes, subVersion, false);
    }

    /** Tells whether the expression is a list of tags. */
    public boolean tagType() {
        return expressionType.isEmpty() || expressionType.equals(TAG);
    }

    /** Tells whether nothing is filtered. */
    public boolean everything() {
        return tagType() && (subString.isEmpty() || subString.equals(ALL));
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static SubscriptionData read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static SubscriptionData read(ByteBuffer body) {
        return of(BodyJson.object(body, "subscription"));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        return writeTo(new JsonText()).toBytes();
    }

    static SubscriptionData of(JsonNode json) {
        Json.requireObject(json, "subscriptionData");
        return new SubscriptionData(
                Json.requireText(json, "topic"),
                Json.textOr(json, "subString", ALL),
                Json.textOr(json, "expressionType", TAG),
                new LinkedHashSet<>(Json.texts(json, "tagsSet")),
                new LinkedHashSet<>(
                        Json.list(json, "codeSet", code -> Json.narrow(Json.longOf(code, "codeSet"), "codeSet"))),
                Json.longOr(json, "subVersion", 0),
                Json.flagOr(json, "classFilterMode", false));
    }

    JsonText writeTo(JsonText json) {
        json.open('{')
                .key("classFilterMode")
                .flag(classFilterMode)
                .key("codeSet")
                .open('[');
        codes.forEach(json::number);
        return json.close(']')
                .key("expressionType")
                .text(expressionType)
                .key("subString")
                .text(subString)
                .key("subVersion")
                .number(subVersion)
                .key("tagsSet")
                .texts(tags)
                .key("topic")
                .text(topic)
                .close('}');
    }
}
