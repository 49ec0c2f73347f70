package io.vostok.broker.filter;

import io.vostok.broker.Ruling;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what expressions were compiled to. Any thread.
 *
 * <p>Two generations: when the younger is full it becomes the older, whose expressions are forgotten unless they are asked
 * for. So it never holds more than twice a generation, and an expression in use stays.
 */
final class FilterCache {
    /** Expressions of one generation. */
    static final int MOST = 256;
    /** Characters of the expressions of one generation. */
    static final int MOST_CHARACTERS = 256 * 1024;

    private volatile Generation young = new Generation();
    private volatile Generation old = new Generation();

    @Nullable
    Ruling<SqlFilter> get(String expression) {
        Ruling<SqlFilter> found = young.filters.get(expression);
        if (found != null) return found;
        found = old.filters.get(expression);
        if (found != null) put(expression, found);
        return found;
    }

    /** Rare: once for each new expression, and for each that grew old. */
    synchronized void put(String expression, Ruling<SqlFilter> compiled) {
        if (young.filters.size() >= MOST || young.characters + expression.length() > MOST_CHARACTERS) {
            old = young;
            young = new Generation();
        }
        if (young.filters.putIfAbsent(expression, compiled) == null) young.characters += expression.length();
    }

    /** Returns how many expressions are remembered. */
    synchronized int size() {
        return young.filters.size() + old.filters.size();
    }

    private static final class Generation {
        final Map<String, Ruling<SqlFilter>> filters = new ConcurrentHashMap<>();
        /** Guarded by the cache. */
        int characters;
    }
}
