package io.vostok.role;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.spi.VertxMetricsFactory;
import io.vostok.config.Config;
import io.vostok.front.metrics.LateMetrics;
import io.vostok.front.metrics.Scrapes;
import io.vostok.metrics.Reading;
import io.vostok.service.BrokerFigures;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The figures of this process for Prometheus. */
final class MetricsRole {
    private final Config config;
    private final LateMetrics http = new LateMetrics();

    MetricsRole(Config config) {
        this.config = config;
    }

    VertxMetricsFactory factory() {
        return http;
    }

    /** @param broker null when none runs here */
    Supplier<Future<Buffer>> page(Vertx vertx, @Nullable BrokerFigures broker) {
        Supplier<Future<Reading>> figures = broker == null ? () -> Future.succeededFuture(new Reading()) : broker::read;
        return new Scrapes(vertx, figures, labels(), http);
    }

    /** Apache's: {@code node_type} and {@code node_id}, the broker's name; a process without one is named by its address. */
    private Map<String, String> labels() {
        boolean broker = config.roles().contains(Config.Role.BROKER);
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("cluster", config.broker().cluster());
        labels.put("node_type", broker ? "broker" : "nameserver");
        labels.put(
                "node_id",
                broker
                        ? config.broker().name()
                        : config.listen().host() + ":" + config.nameserver().port());
        return labels;
    }
}
