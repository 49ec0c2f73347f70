package io.vostok.front.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.Label;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import io.vostok.metrics.Distribution;
import io.vostok.metrics.Figure;
import io.vostok.metrics.Reading;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What Prometheus reads: the broker's figures as they were read, those of the JVM and of the HTTP servers as they are. One
 * thread at a time.
 */
final class Page {
    private static final String COUNTER_ENDING = "_total";

    private final Labels labels;
    private final PrometheusMeterRegistry registry;
    private Reading reading = new Reading();

    Page(Map<String, String> labels, LateMetrics http) {
        this.labels = Labels.of(List.copyOf(labels.keySet()), List.copyOf(labels.values()));
        PrometheusRegistry collectors = new PrometheusRegistry();
        collectors.register((MultiCollector) this::snapshots);
        registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, collectors, Clock.SYSTEM);
        List<Tag> tags = new ArrayList<>();
        labels.forEach((name, value) -> tags.add(Tag.of(name, value)));
        registry.config().commonTags(tags);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        CollectorMetrics.bindTo(registry);
        http.use(new MicrometerMetricsFactory(registry).metrics(new VertxOptions().setMetricsOptions(httpOnly())));
    }

    /** The code is the only label: methods and paths are words of the client, without end. */
    private MicrometerMetricsOptions httpOnly() {
        MicrometerMetricsOptions options = new MicrometerMetricsOptions()
                .setEnabled(true)
                .setRegistryName("vostok@" + System.identityHashCode(this))
                .setJvmMetricsEnabled(false)
                .setNettyMetricsEnabled(false)
                .setLabels(EnumSet.of(Label.HTTP_CODE));
        Set<MetricsDomain> off = EnumSet.complementOf(EnumSet.of(MetricsDomain.HTTP_SERVER));
        off.forEach(options::addDisabledMetricsCategory);
        return options;
    }

    /** Returns the text that tells {@code now}. */
    String text(Reading now) {
        reading = now;
        return registry.scrape();
    }

    private MetricSnapshots snapshots() {
        List<MetricSnapshot> all = new ArrayList<>();
        reading.values().forEach((figure, values) -> all.add(snapshot(figure, values)));
        reading.distributions().forEach((figure, values) -> all.add(histogram(figure, values)));
        return new MetricSnapshots(all);
    }

    private MetricSnapshot histogram(Figure figure, Map<List<String>, Distribution> values) {
        long[] limits = figure.limits();
        double[] bounds = Arrays.copyOf(Arrays.stream(limits).asDoubleStream().toArray(), limits.length + 1);
        bounds[limits.length] = Double.POSITIVE_INFINITY;
        List<HistogramDataPointSnapshot> points = new ArrayList<>();
        values.forEach((own, value) -> points.add(new HistogramDataPointSnapshot(
                ClassicHistogramBuckets.of(bounds, value.counts()),
                value.sum(),
                all(figure, own),
                Exemplars.EMPTY,
                0)));
        return new HistogramSnapshot(new MetricMetadata(figure.series(), figure.help()), points);
    }

    private MetricSnapshot snapshot(Figure figure, Map<List<String>, Double> values) {
        if (figure.kind() == Figure.Kind.GAUGE) {
            List<GaugeDataPointSnapshot> points = new ArrayList<>();
            values.forEach((own, value) -> points.add(new GaugeDataPointSnapshot(value, all(figure, own), null)));
            return new GaugeSnapshot(new MetricMetadata(figure.series(), figure.help()), points);
        }
        String series = figure.series();
        String name = series.substring(0, series.length() - COUNTER_ENDING.length()); // The writer puts it back.
        List<CounterDataPointSnapshot> points = new ArrayList<>();
        values.forEach((own, value) -> points.add(new CounterDataPointSnapshot(value, all(figure, own), null, 0)));
        return new CounterSnapshot(new MetricMetadata(name, figure.help()), points);
    }

    private Labels all(Figure figure, List<String> own) {
        return labels.merge(Labels.of(figure.labels(), own));
    }
}
