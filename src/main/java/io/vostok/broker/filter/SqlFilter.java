package io.vostok.broker.filter;

import io.vostok.broker.Refusal;
import io.vostok.broker.Ruling;
import io.vostok.store.RecordFilter;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Lets messages through whose properties satisfy a condition in RocketMQ's SQL92 (storage reference 11.7).
 *
 * <p>A condition that is unknown, or that cannot be evaluated for a message, stops that message, as at Apache.
 * Immutable but for a counter; any thread.
 */
public final class SqlFilter implements RecordFilter {
    /** Longest expression, in characters. */
    public static final int LONGEST = 16 * 1024;
    /** Deepest nesting of brackets, signs, NOT and comparisons of comparisons. Chains of AND and OR are not deep. */
    public static final int DEEPEST = 100;
    /** Most operators, properties and constants; the texts of one IN count as one. */
    public static final int MOST_NODES = 2048;

    private static final int SHOWN = 60;
    private static final FilterCache CACHE = new FilterCache();
    private static final ThreadLocal<Evaluation> SCRATCH = ThreadLocal.withInitial(Evaluation::new);

    private final String expression;
    private final Node condition;
    private final byte[][] names;
    private final int nodes;
    private final @Nullable String warning;
    private final LongAdder failures = new LongAdder();

    private SqlFilter(String expression, Node condition, byte[][] names, int nodes, @Nullable String warning) {
        this.expression = expression;
        this.condition = condition;
        this.names = names;
        this.nodes = nodes;
        this.warning = warning;
    }

    /**
     * Compiles an expression, or returns the filter it was compiled to before: the last few hundred are remembered, refused
     * ones too.
     *
     * @return the filter, or SUBSCRIPTION_MALFORMED with the place, counted in characters from 1, and the reason
     */
    public static Ruling<SqlFilter> of(String expression) {
        Ruling<SqlFilter> known = CACHE.get(expression);
        if (known != null) return known;
        Ruling<SqlFilter> compiled = compile(expression);
        if (expression.length() <= LONGEST) CACHE.put(expression, compiled);
        return compiled;
    }

    /** As {@link #of}, anew each time. */
    static Ruling<SqlFilter> compile(String expression) {
        if (expression.length() > LONGEST) {
            return Ruling.denied(
                    Refusal.SUBSCRIPTION_MALFORMED,
                    "the SQL92 expression has " + expression.length() + " characters, at most " + LONGEST
                            + " are taken");
        }
        try {
            Parser parser = new Parser(expression);
            Node condition = parser.parse();
            int ignored = parser.ignoredFrom();
            String warning = ignored < 0
                    ? null
                    : "the SQL92 expression ends before character " + (ignored + 1) + "; `" + shown(expression, ignored)
                            + "` is ignored";
            return Ruling.granted(new SqlFilter(expression, condition, parser.names(), parser.nodes(), warning));
        } catch (MalformedExpression e) {
            return Ruling.denied(
                    Refusal.SUBSCRIPTION_MALFORMED,
                    "the SQL92 expression is malformed at character " + (e.position() + 1) + ": " + e.reason() + " (`"
                            + shown(expression, Math.max(0, e.position() - SHOWN / 2)) + "`)");
        }
    }

    private static String shown(String expression, int from) {
        int to = Math.min(expression.length(), from + SHOWN);
        return (from > 0 ? "…" : "") + expression.substring(from, to) + (to < expression.length() ? "…" : "");
    }

    public String expression() {
        return expression;
    }

    /**
     * Returns words about a part of the text that has no effect, or null. RocketMQ takes a condition from the start of the
     * text and ignores what follows it, so that {@code a LIKE 'x'} means {@code a}.
     */
    public @Nullable String warning() {
        return warning;
    }

    /** Returns how many messages were stopped because the condition could not be evaluated for them. */
    public long failures() {
        return failures.sum();
    }

    @Override
    public boolean matchesUnit(long tagsCode) {
        return true;
    }

    @Override
    public boolean needsRecord() {
        return true;
    }

    @Override
    public int stepsAtMost(int propertiesBytes) {
        long steps = nodes + (long) propertiesBytes * (1 + nodes / 2);
        return (int) Math.min(Evaluation.BUDGET, steps);
    }

    @Override
    public boolean matchesRecord(ByteBuffer properties) {
        if (properties.hasArray()) {
            int from = properties.arrayOffset() + properties.position();
            return matches(properties.array(), from, from + properties.remaining());
        }
        byte[] copy = new byte[properties.remaining()];
        properties.get(properties.position(), copy);
        return matches(copy, 0, copy.length);
    }

    private boolean matches(byte[] properties, int from, int to) {
        return Boolean.TRUE.equals(evaluate(properties, from, to));
    }

    /** Returns the value of the condition, or {@link EvaluationFailure} itself when there is none. */
    @Nullable
    Object evaluate(byte[] properties, int from, int to) {
        Evaluation message = SCRATCH.get();
        message.begin(names, properties, from, to);
        try {
            return condition.value(message);
        } catch (EvaluationFailure failure) {
            failures.increment();
            return failure;
        } finally {
            message.end();
        }
    }

    @Override
    public String toString() {
        return expression;
    }
}
