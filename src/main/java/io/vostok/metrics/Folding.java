package io.vostok.metrics;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the series of each figure few, however many topics, groups and clients there are: the rest is summed up under the
 * label {@link #OTHER}.
 *
 * <p>Of a gauge the largest values keep their names. A counter that has a name keeps it while it exists, or rates would jump;
 * new ones get the names that are left, the largest first. The sum of the others never falls: what moves out of it or is
 * deleted stays counted.
 *
 * <p>One scrape at a time.
 */
public final class Folding {
    static final String OTHER = "other";

    private final int most;
    private final Map<Figure, Named> counters = new EnumMap<>(Figure.class);

    /** A counter figure's series that have a name, and what the others came to. */
    private static final class Named {
        final Set<List<String>> names = new HashSet<>();
        double lastRest;
        double gone;

        @Nullable
        Distribution lastDistribution;

        @Nullable
        Distribution goneDistribution;
    }

    /** @param most series of one figure, the sum of the others not counted */
    public Folding(int most) {
        this.most = most;
    }

    /** Returns the reading with at most so many series a figure, and how many were summed up of which. */
    public synchronized Reading fold(Reading all) {
        Reading few = new Reading();
        all.values().forEach((figure, values) -> {
            Set<List<String>> names = names(figure, values);
            double rest = 0;
            int folded = 0;
            for (Map.Entry<List<String>, Double> each : values.entrySet()) {
                if (names.contains(each.getKey())) {
                    few.add(figure, each.getValue(), each.getKey());
                } else {
                    rest += each.getValue();
                    folded++;
                }
            }
            if (figure.kind() == Figure.Kind.COUNTER) rest = neverLess(figure, rest);
            if (folded > 0 || rest > 0) few.add(figure, rest, figure.otherLabels());
            if (folded > 0) few.add(Figure.FOLDED, folded, figure.series());
        });
        all.distributions().forEach((figure, values) -> fold(figure, values, few));
        return few;
    }

    private void fold(Figure figure, Map<List<String>, Distribution> values, Reading few) {
        Map<List<String>, Double> counts = new LinkedHashMap<>();
        values.forEach((labels, distribution) -> counts.put(labels, (double) distribution.count()));
        Set<List<String>> names = names(figure, counts);
        Distribution rest = new Distribution(new long[figure.limits().length + 1], 0);
        for (Map.Entry<List<String>, Distribution> each : values.entrySet()) {
            if (names.contains(each.getKey())) few.add(figure, each.getValue(), each.getKey());
            else rest = rest.plus(each.getValue());
        }
        rest = neverLess(figure, rest);
        int folded = values.size() - names.size();
        if (folded > 0 || rest.count() > 0) few.add(figure, rest, figure.otherLabels());
        if (folded > 0) few.add(Figure.FOLDED, folded, figure.series());
    }

    private Set<List<String>> names(Figure figure, Map<List<String>, Double> values) {
        if (figure.kind() == Figure.Kind.GAUGE) {
            Set<List<String>> largest = new HashSet<>();
            fill(largest, values);
            return largest;
        }
        Set<List<String>> names = counters.computeIfAbsent(figure, none -> new Named()).names;
        names.retainAll(values.keySet());
        fill(names, values);
        return names;
    }

    private void fill(Set<List<String>> names, Map<List<String>, Double> values) {
        if (values.size() <= most) {
            names.addAll(values.keySet());
            return;
        }
        Map<List<String>, Double> unnamed = new LinkedHashMap<>(values);
        unnamed.keySet().removeAll(names);
        unnamed.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(most - names.size())
                .forEach(each -> names.add(each.getKey()));
    }

    private double neverLess(Figure figure, double rest) {
        Named named = counters.computeIfAbsent(figure, none -> new Named());
        if (rest < named.lastRest) named.gone += named.lastRest - rest;
        named.lastRest = rest;
        return rest + named.gone;
    }

    private Distribution neverLess(Figure figure, Distribution rest) {
        Named named = counters.computeIfAbsent(figure, none -> new Named());
        @Nullable Distribution last = named.lastDistribution;
        @Nullable Distribution gone = named.goneDistribution;
        if (last != null) {
            Distribution missing = rest.missingOf(last);
            gone = gone == null ? missing : gone.plus(missing);
        }
        named.lastDistribution = rest;
        named.goneDistribution = gone;
        return gone == null ? rest : rest.plus(gone);
    }
}
