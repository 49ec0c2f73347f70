package io.vostok.nameserver;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The key-value configuration: values by key by namespace. One thread. */
final class KeyValues {
    private final NameServerLimits limits;
    private final TreeMap<String, TreeMap<String, String>> namespaces = new TreeMap<>();
    private int entries;
    private int chars;

    /** @param loaded what was stored before; taken whole, even above the limits */
    KeyValues(NameServerLimits limits, Map<String, Map<String, String>> loaded) {
        this.limits = limits;
        loaded.forEach((namespace, table) -> table.forEach((key, value) -> set(namespace, key, value)));
    }

    /** Returns null when the entry was taken, else why not, in words. */
    @Nullable
    String put(String namespace, String key, String value) {
        String old = get(namespace, key);
        int more = old == null ? namespace.length() + key.length() + value.length() : value.length() - old.length();
        if (old == null && entries >= limits.kvEntries()) {
            return "the name server holds " + entries + " key-value entries, its limit; delete some first";
        }
        if (more > 0 && chars + more > limits.kvChars()) {
            return "the key-value configuration would grow beyond " + limits.kvChars() + " characters, its limit";
        }
        set(namespace, key, value);
        return null;
    }

    /** Returns whether something was there to delete. */
    boolean delete(String namespace, String key) {
        TreeMap<String, String> table = namespaces.get(namespace);
        if (table == null) return false;
        String old = table.remove(key);
        if (old == null) return false;
        if (table.isEmpty()) namespaces.remove(namespace);
        entries--;
        chars -= namespace.length() + key.length() + old.length();
        return true;
    }

    @Nullable
    String get(String namespace, String key) {
        TreeMap<String, String> table = namespaces.get(namespace);
        return table == null ? null : table.get(key);
    }

    @Nullable
    Map<String, String> all(String namespace) {
        TreeMap<String, String> table = namespaces.get(namespace);
        return table == null ? null : Collections.unmodifiableMap(new TreeMap<>(table));
    }

    /** Returns a copy that later changes do not touch. */
    Map<String, Map<String, String>> snapshot() {
        var copy = new TreeMap<String, Map<String, String>>();
        namespaces.forEach(
                (namespace, table) -> copy.put(namespace, Collections.unmodifiableMap(new TreeMap<>(table))));
        return Collections.unmodifiableMap(copy);
    }

    private void set(String namespace, String key, String value) {
        String old =
                namespaces.computeIfAbsent(namespace, name -> new TreeMap<>()).put(key, value);
        if (old == null) {
            entries++;
            chars += namespace.length() + key.length() + value.length();
        } else {
            chars += value.length() - old.length();
        }
    }
}
