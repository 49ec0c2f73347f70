package io.vostok.store.transaction;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Numbers for the names of producer groups while half messages of them are pending. One thread. */
final class GroupNames {
    private final Map<String, Integer> numbers = new HashMap<>();
    private @Nullable String[] names = new String[16];
    private int[] uses = new int[16];
    private int[] free = new int[16];
    private int freeCount;
    private int used;

    /** Returns the number of {@code name}, with one more use. */
    int use(String name) {
        @Nullable Integer known = numbers.get(name);
        if (known != null) {
            uses[known]++;
            return known;
        }
        if (freeCount == 0 && used == names.length) {
            names = Arrays.copyOf(names, used * 2);
            uses = Arrays.copyOf(uses, used * 2);
            free = Arrays.copyOf(free, used * 2);
        }
        int number = freeCount > 0 ? free[--freeCount] : used++;
        names[number] = name;
        uses[number] = 1;
        numbers.put(name, number);
        return number;
    }

    void release(int number) {
        if (--uses[number] > 0) return;
        numbers.remove(name(number));
        names[number] = null;
        free[freeCount++] = number;
    }

    String name(int number) {
        @Nullable String name = names[number];
        if (name == null) throw new IllegalStateException("no group has number " + number);
        return name;
    }

    int size() {
        return numbers.size();
    }
}
