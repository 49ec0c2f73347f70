package io.vostok.broker.session;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.filter.SqlFilter;
import io.vostok.model.TopicName;
import io.vostok.store.RecordFilter;
import io.vostok.wire.body.SubscriptionData;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a group wants of a topic. The expression is parsed once, when the object is made. Immutable; any thread.
 *
 * <p>Two are equal when they ask for the same: topic, expression and its type; the version does not count.
 */
public final class Subscription {
    /** Expressions of tags: {@code *}, or {@code a || b}. */
    public static final String TAG = "TAG";
    /** Expressions on properties. */
    public static final String SQL92 = "SQL92";
    /** Lets every tag through. */
    public static final String EVERYTHING = "*";

    /** Longest expression, in characters. */
    public static final int LONGEST_EXPRESSION = SqlFilter.LONGEST;
    /** Most tags of one expression. */
    public static final int MOST_TAGS = 1024;

    private final TopicName topic;
    private final String expression;
    private final String expressionType;
    private final long version;
    private final List<String> tags;
    private final RecordFilter filter;

    private Subscription(
            TopicName topic,
            String expression,
            String expressionType,
            long version,
            Set<String> tags,
            RecordFilter filter) {
        this.topic = topic;
        this.expression = expression;
        this.expressionType = expressionType;
        this.version = version;
        this.tags = List.copyOf(tags);
        this.filter = filter;
    }

    /** The same wish at another time: what was parsed is shared. */
    private Subscription(Subscription same, long version) {
        this.topic = same.topic;
        this.expression = same.expression;
        this.expressionType = same.expressionType;
        this.version = version;
        this.tags = same.tags;
        this.filter = same.filter;
    }

    /** Returns the same wish made at another time. */
    Subscription at(long otherVersion) {
        return otherVersion == version ? this : new Subscription(this, otherVersion);
    }

    /** Tells whether a client's words, with null or empty for the usual, are those of this subscription. */
    public boolean isAskedBy(@Nullable String otherExpression, @Nullable String otherType) {
        return expressionType.equals(otherType == null || otherType.isEmpty() ? TAG : otherType)
                && expression.equals(
                        otherExpression == null || otherExpression.isEmpty() ? EVERYTHING : otherExpression);
    }

    /**
     * Parses an expression (remoting reference 6.1, storage reference 11.6 and 11.7). One of another type than TAG and SQL92
     * is kept, so that a pull can be told that nothing knows it.
     *
     * @param expression null or empty for everything
     * @param expressionType null or empty for TAG
     * @param version when the client made the subscription, in milliseconds
     * @return the subscription, or SUBSCRIPTION_MALFORMED, or INVALID_ARGUMENT for a bad topic name
     */
    public static Ruling<Subscription> parse(
            String topic, @Nullable String expression, @Nullable String expressionType, long version) {
        String problem = TopicName.problem(topic);
        if (problem != null) return Ruling.denied(Refusal.INVALID_ARGUMENT, problem);
        return parse(new TopicName(topic), expression, expressionType, version);
    }

    /** As {@link #parse(String, String, String, long)} for a topic that is known. */
    public static Ruling<Subscription> parse(
            TopicName topic, @Nullable String expression, @Nullable String expressionType, long version) {
        String type = expressionType == null || expressionType.isEmpty() ? TAG : expressionType;
        String text = expression == null || expression.isEmpty() ? EVERYTHING : expression;
        if (text.length() > LONGEST_EXPRESSION || type.length() > 16) {
            return malformed(topic, "is longer than " + LONGEST_EXPRESSION + " characters");
        }
        if (type.equals(SQL92)) return sql(topic, expression == null ? "" : expression, text, version);
        if (!type.equals(TAG)) {
            return Ruling.granted(new Subscription(topic, text, type, version, Set.of(), RecordFilter.ALL));
        }
        if (text.trim().equals(EVERYTHING)) {
            return Ruling.granted(new Subscription(topic, EVERYTHING, TAG, version, Set.of(), RecordFilter.ALL));
        }
        Set<String> tags = new LinkedHashSet<>();
        for (int from = 0; from <= text.length(); ) {
            int bars = text.indexOf("||", from);
            int to = bars < 0 ? text.length() : bars;
            String tag = text.substring(from, to).trim();
            if (!tag.isEmpty()) tags.add(tag);
            if (tags.size() > MOST_TAGS) return malformed(topic, "has more than " + MOST_TAGS + " tags");
            from = to + 2;
        }
        if (tags.isEmpty()) return malformed(topic, "names no tag; use `*` for everything");
        return Ruling.granted(new Subscription(topic, text, TAG, version, tags, TagFilter.of(tags)));
    }

    private static Ruling<Subscription> sql(TopicName topic, String given, String text, long version) {
        Ruling<SqlFilter> compiled = SqlFilter.of(given);
        Refused refused = compiled.refused();
        if (refused != null) return malformed(topic, "is refused: " + refused.words());
        return Ruling.granted(new Subscription(topic, text, SQL92, version, Set.of(), compiled.value()));
    }

    private static Ruling<Subscription> malformed(TopicName topic, String why) {
        return Ruling.denied(Refusal.SUBSCRIPTION_MALFORMED, "the subscription of topic `" + topic + "` " + why);
    }

    /** Returns the subscription as tools see it. */
    public SubscriptionData data() {
        if (isTag()) return SubscriptionData.ofTags(topic.value(), expression, version);
        return new SubscriptionData(topic.value(), expression, expressionType, Set.of(), Set.of(), version, false);
    }

    public TopicName topic() {
        return topic;
    }

    /** Returns the expression as given, {@code *} for everything. */
    public String expression() {
        return expression;
    }

    public String expressionType() {
        return expressionType;
    }

    /** Returns when the client made the subscription, in milliseconds; newer ones replace older ones. */
    public long version() {
        return version;
    }

    /** Returns the tags in the order given, each once; empty for everything and for other types. */
    public List<String> tags() {
        return tags;
    }

    public boolean isTag() {
        return expressionType.equals(TAG);
    }

    public boolean isSql() {
        return expressionType.equals(SQL92);
    }

    /** Returns words about a part of the expression that has no effect, or null. */
    public @Nullable String warning() {
        return filter instanceof SqlFilter sql ? sql.warning() : null;
    }

    /** Returns what lets the wanted messages through; meaningful only if {@link #isTag} or {@link #isSql}. */
    public RecordFilter filter() {
        return filter;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Subscription that
                && topic.equals(that.topic)
                && expression.equals(that.expression)
                && expressionType.equals(that.expressionType);
    }

    @Override
    public int hashCode() {
        return topic.hashCode() * 31 + expression.hashCode();
    }

    @Override
    public String toString() {
        return topic + " " + expressionType + " " + expression;
    }
}
