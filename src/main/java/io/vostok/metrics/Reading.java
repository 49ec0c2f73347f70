package io.vostok.metrics;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The values of all figures at one moment, by figure and values of its labels. Filled by one thread, then only read. */
public final class Reading {
    private final Map<Figure, Map<List<String>, Double>> values = new EnumMap<>(Figure.class);

    /** Adds to a value, which begins at 0. */
    public void add(Figure figure, double value, String... labels) {
        add(figure, value, List.of(labels));
    }

    /** Adds to a value, which begins at 0. */
    public void add(Figure figure, long value, String... labels) {
        add(figure, (double) value, List.of(labels)); // Exact up to 2^53.
    }

    void add(Figure figure, double value, List<String> labels) {
        if (labels.size() != figure.labels().size()) {
            throw new IllegalArgumentException(figure + " has the labels " + figure.labels() + ", not " + labels);
        }
        values.computeIfAbsent(figure, none -> new LinkedHashMap<>()).merge(labels, value, Double::sum);
    }

    /** Returns what was read; a figure that has no value is not there. */
    public Map<Figure, Map<List<String>, Double>> values() {
        return Collections.unmodifiableMap(values);
    }
}
