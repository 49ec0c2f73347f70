package io.vostok.metrics;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The values of all figures at one moment, by figure and values of its labels. Filled by one thread, then only read. */
public final class Reading {
    private final Map<Figure, Map<List<String>, Double>> values = new EnumMap<>(Figure.class);
    private final Map<Figure, Map<List<String>, Distribution>> distributions = new EnumMap<>(Figure.class);

    /** Adds to a value, which begins at 0. */
    public void add(Figure figure, double value, String... labels) {
        add(figure, value, List.of(labels));
    }

    /** Adds to a value, which begins at 0. */
    public void add(Figure figure, long value, String... labels) {
        add(figure, (double) value, List.of(labels)); // Exact up to 2^53.
    }

    void add(Figure figure, double value, List<String> labels) {
        if (figure.kind() == Figure.Kind.HISTOGRAM) throw new IllegalArgumentException(figure + " has no single value");
        check(figure, labels);
        values.computeIfAbsent(figure, none -> new LinkedHashMap<>()).merge(labels, value, Double::sum);
    }

    /** Adds to the values of a histogram. */
    public void add(Figure figure, Distribution distribution, String... labels) {
        add(figure, distribution, List.of(labels));
    }

    void add(Figure figure, Distribution distribution, List<String> labels) {
        if (distribution.counts().length != figure.limits().length + 1) {
            throw new IllegalArgumentException(figure + " has other classes than " + distribution);
        }
        check(figure, labels);
        distributions
                .computeIfAbsent(figure, none -> new LinkedHashMap<>())
                .merge(labels, distribution, Distribution::plus);
    }

    private static void check(Figure figure, List<String> labels) {
        if (labels.size() != figure.labels().size()) {
            throw new IllegalArgumentException(figure + " has the labels " + figure.labels() + ", not " + labels);
        }
    }

    /** Returns the histograms; one that was not read is not there. */
    public Map<Figure, Map<List<String>, Distribution>> distributions() {
        return Collections.unmodifiableMap(distributions);
    }

    /** Returns what was read but for the histograms; a figure that has no value is not there. */
    public Map<Figure, Map<List<String>, Double>> values() {
        return Collections.unmodifiableMap(values);
    }
}
