package io.vostok.broker;

import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map of names whose copy shares all but one of its parts, so that a change among thousands of names copies
 * a few dozen of them. Any thread.
 */
public final class NameMap<V> {
    private static final int PARTS = 64;

    private final List<Map<String, V>> parts;
    private final int size;

    private NameMap(List<Map<String, V>> parts, int size) {
        this.parts = parts;
        this.size = size;
    }

    public static <V> NameMap<V> empty() {
        return new NameMap<>(Collections.nCopies(PARTS, Map.of()), 0);
    }

    /** Returns the value, or null. */
    public @Nullable V get(String name) {
        return parts.get(part(name)).get(name);
    }

    public int size() {
        return size;
    }

    /** Returns the map with the name added or its value replaced. */
    public NameMap<V> with(String name, V value) {
        int part = part(name);
        Map<String, V> changed = new HashMap<>(parts.get(part));
        boolean isNew = changed.put(name, value) == null;
        return new NameMap<>(replaced(part, changed), isNew ? size + 1 : size);
    }

    /** As many calls of {@link #with}, copying each part at most once. */
    public NameMap<V> withAll(Map<String, V> more) {
        if (more.isEmpty()) return this;
        List<Map<String, V>> changed = new ArrayList<>(parts);
        boolean[] copied = new boolean[PARTS];
        int newSize = size;
        for (Map.Entry<String, V> entry : more.entrySet()) {
            int part = part(entry.getKey());
            if (!copied[part]) {
                changed.set(part, new HashMap<>(changed.get(part)));
                copied[part] = true;
            }
            if (changed.get(part).put(entry.getKey(), entry.getValue()) == null) newSize++;
        }
        return new NameMap<>(changed, newSize);
    }

    /** Returns the map without {@code name}; itself when it has no such name. */
    public NameMap<V> without(String name) {
        int part = part(name);
        if (!parts.get(part).containsKey(name)) return this;
        Map<String, V> changed = new HashMap<>(parts.get(part));
        changed.remove(name);
        return new NameMap<>(replaced(part, changed), size - 1);
    }

    /** Returns all values, unmodifiable, in no order. */
    public Collection<V> values() {
        return new AbstractCollection<>() {
            @Override
            public Iterator<V> iterator() {
                return valueStream().iterator();
            }

            @Override
            public int size() {
                return size;
            }
        };
    }

    private Stream<V> valueStream() {
        return parts.stream().flatMap(part -> part.values().stream());
    }

    private List<Map<String, V>> replaced(int part, Map<String, V> changed) {
        List<Map<String, V>> copy = new ArrayList<>(parts);
        copy.set(part, changed);
        return copy;
    }

    private static int part(String name) {
        int hash = name.hashCode();
        // HashMap uses the low bits within a part, so the parts are told apart by the high ones.
        return (hash * 0x9E3779B9) >>> 26;
    }
}
