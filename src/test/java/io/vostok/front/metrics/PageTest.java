package io.vostok.front.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vostok.metrics.Figure;
import io.vostok.metrics.Folding;
import io.vostok.metrics.Histogram;
import io.vostok.metrics.Meter;
import io.vostok.metrics.Reading;
import io.vostok.metrics.Tally;
import io.vostok.metrics.Traffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PageTest {
    private static final Path DASHBOARD = Path.of("conf/grafana/vostok-dashboard.json");
    private static final Path ALERTS = Path.of("conf/grafana/vostok-alerts.yaml");
    private static final String NODE = "cluster=\"c\",node_id=\"broker-a\",node_type=\"broker\"";
    private static final Pattern NAME = Pattern.compile("\\b(?:rocketmq|vostok|jvm|process|system|vertx)_[a-z0-9_]+");

    private final Page page = new Page(
            new TreeMap<>(Map.of("cluster", "c", "node_type", "broker", "node_id", "broker-a")), new LateMetrics());

    @Test
    void tellsCountersByTheNamesAndLabelsOfApache() {
        Traffic traffic = new Traffic(10, 0, 0);
        traffic.puts().tally().add("orders", "", 3, 723);
        Reading reading = new Reading();
        Meter.Total total = traffic.puts().total();
        reading.add(Figure.MESSAGES_IN, total.messages(), "orders", "normal", "false");
        reading.add(Figure.THROUGHPUT_IN, total.bytes(), "orders", "normal", "false");
        reading.add(Figure.LAG, 7, "orders", "g1", "false", "false");

        String text = page.text(reading);

        assertThat(text)
                .contains("# TYPE rocketmq_messages_in_total counter\n")
                .contains("rocketmq_messages_in_total{cluster=\"c\",is_system=\"false\",message_type=\"normal\","
                        + "node_id=\"broker-a\",node_type=\"broker\",topic=\"orders\"} 3.0\n")
                .contains("rocketmq_throughput_in_total{cluster=\"c\",is_system=\"false\",message_type=\"normal\","
                        + "node_id=\"broker-a\",node_type=\"broker\",topic=\"orders\"} 723.0\n")
                .contains("# TYPE rocketmq_consumer_lag_messages gauge\n")
                .contains("rocketmq_consumer_lag_messages{cluster=\"c\",consumer_group=\"g1\",is_retry=\"false\","
                        + "is_system=\"false\",node_id=\"broker-a\",node_type=\"broker\",topic=\"orders\"} 7.0\n");
    }

    @Test
    void tellsHistogramsByTheNamesAndLabelsOfApache() {
        Traffic traffic = new Traffic(10, 0, 0);
        Tally puts = traffic.puts().tally();
        puts.add("orders", "", 1, 1_024);
        puts.add("orders", "", 2, 5_000_000 * 2);
        Reading reading = new Reading();
        traffic.puts()
                .sizes()
                .forEach((pair, sizes) -> reading.add(Figure.MESSAGE_SIZE, sizes, "orders", "normal", "false"));

        String text = page.text(reading);

        String labels = "{cluster=\"c\",is_system=\"false\",message_type=\"normal\","
                + "node_id=\"broker-a\",node_type=\"broker\",topic=\"orders\"";
        assertThat(text)
                .contains("# TYPE rocketmq_message_size histogram\n")
                .contains("rocketmq_message_size_bucket" + labels + ",le=\"1024.0\"} 1\n")
                .contains("rocketmq_message_size_bucket" + labels + ",le=\"4194304.0\"} 1\n")
                .contains("rocketmq_message_size_bucket" + labels + ",le=\"+Inf\"} 3\n")
                .contains("rocketmq_message_size_count" + labels + "} 3\n")
                .contains("rocketmq_message_size_sum" + labels + "} 1.0001024E7\n");
    }

    @Test
    void everyFigureIsWrittenUnderItsName() {
        String text = page.text(everything());

        for (Figure figure : Figure.values()) {
            String ending = figure.kind() == Figure.Kind.HISTOGRAM ? "_bucket" : "";
            assertThat(text).containsPattern("(?m)^" + figure.series() + ending + "\\{");
        }
    }

    @Test
    void tellsTheProcess() {
        assertThat(page.text(new Reading()))
                .containsPattern("(?m)^jvm_memory_used_bytes\\{area=\"heap\",cluster=\"c\",id=")
                .containsPattern("(?m)^jvm_gc_collection_seconds_total\\{")
                .containsPattern("(?m)^process_uptime_seconds\\{" + NODE + "}");
    }

    @Test
    void aHostileNameStaysOneLine() {
        Reading reading = new Reading();
        reading.add(Figure.DEAD_LETTERS, 1, "a\"\nb\\");

        assertThat(page.text(reading)).contains("consumer_group=\"a\\\"\\nb\\\\\"");
    }

    @Test
    void tenThousandTopicsMakeAFewLines() {
        Reading all = new Reading();
        for (int i = 0; i < 10_000; i++) all.add(Figure.MESSAGES_IN, i, "t" + i, "normal", "false");

        String text = page.text(new Folding(50).fold(all));

        assertThat(text.lines().filter(line -> line.startsWith("rocketmq_messages_in_total{")))
                .hasSize(51)
                .anyMatch(line -> line.contains("topic=\"other\"") && line.endsWith("} 4.9496275E7"));
        assertThat(text)
                .contains("metric=\"rocketmq_messages_in_total\",node_id=\"broker-a\",node_type=\"broker\"} 9950.0");
    }

    @Test
    void theDashboardAsksForWhatIsTold() throws IOException {
        JsonObject dashboard = new JsonObject(Files.readString(DASHBOARD));
        Set<String> asked = new TreeSet<>();
        JsonArray panels = dashboard.getJsonArray("panels");
        for (int i = 0; i < panels.size(); i++) {
            JsonArray targets = panels.getJsonObject(i).getJsonArray("targets", new JsonArray());
            for (int j = 0; j < targets.size(); j++) {
                asked.addAll(names(targets.getJsonObject(j).getString("expr")));
            }
        }

        assertThat(asked).hasSizeGreaterThan(20);
        assertThat(told()).containsAll(asked);
    }

    @Test
    void theAlertsAskForWhatIsTold() throws IOException {
        Set<String> asked = names(Files.readString(ALERTS));

        assertThat(asked).hasSizeGreaterThan(8);
        assertThat(told()).containsAll(asked);
    }

    @Test
    void thePageOfTheDocumentationListsEveryFigure() throws IOException {
        String document = Files.readString(Path.of("docs/metrics.md"));

        for (Figure figure : Figure.values()) {
            String labels =
                    figure.labels().stream().map(each -> "`" + each + "`").collect(Collectors.joining(", "));
            assertThat(document)
                    .contains("| `" + figure.series() + "` | "
                            + figure.kind().name().toLowerCase(Locale.ROOT) + " | " + labels + " | "
                            + figure.help() + " |");
        }
    }

    private static Set<String> names(String text) {
        return NAME.matcher(text).results().map(MatchResult::group).collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<String> told() {
        return page.text(everything())
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[{ ]", 2)[0])
                .collect(Collectors.toSet());
    }

    private static Reading everything() {
        Reading reading = new Reading();
        for (Figure figure : Figure.values()) {
            String[] labels = figure.labels().stream().map(label -> "x").toArray(String[]::new);
            if (figure.kind() == Figure.Kind.HISTOGRAM) {
                reading.add(figure, new Histogram(figure.limits()).read(), labels);
            } else {
                reading.add(figure, 1, labels);
            }
        }
        return reading;
    }
}
