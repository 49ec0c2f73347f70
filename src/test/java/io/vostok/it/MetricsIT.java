package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Decider;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.RealClient;
import io.vostok.it.kit.Http;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.VostokServer;
import io.vostok.kit.Await;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What Prometheus is told after real clients have been here. */
class MetricsIT extends Scenario {
    private Http http(Server of) {
        return closing(new Http(((VostokServer) of).httpPort()));
    }

    @Override
    protected Server start(ServerSpec spec) {
        return ended(VostokServer.start(spec));
    }

    private static String scrape(Http http) {
        HttpResponse<String> answer = http.answer("GET", "/metrics", "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
        return answer.body();
    }

    /** The value of the one series with this name and these labels; -1 when there is none. */
    private static double value(String page, String name, String... labels) {
        return page.lines()
                .filter(line -> line.startsWith(name + "{"))
                .filter(line -> List.of(labels).stream().allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(-1);
    }

    @Test
    void tellsWhatClientsSentTookAndLeft() {
        String topic = fresh("measured");
        String group = fresh("g");
        Http http = http(server);
        scrape(http); // HTTP is measured from here on.
        Producer producer = closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("p"))));
        IntStream.range(0, 20).forEach(i -> producer.send(Draft.of(topic, "m" + i)));
        Inbox inbox = new Inbox();
        Consumer consumer = client(Peers.NEW).consumer(ConsumerSpec.of(group, topic), inbox);
        Await.until("all are received", SOON, () -> inbox.all().size() == 20);
        String online = scrape(http);
        closeIdle(consumer);
        IntStream.range(20, 27).forEach(i -> producer.send(Draft.of(topic, "m" + i)));

        String ofTopic = "topic=\"" + topic + "\"";
        String ofGroup = "consumer_group=\"" + group + "\"";
        Await.until(
                "the group lags by seven",
                SOON,
                () -> value(scrape(http), "rocketmq_consumer_lag_messages", ofTopic, ofGroup) == 7);
        String page = scrape(http);

        assertThat(value(page, "rocketmq_messages_in_total", ofTopic, "message_type=\"normal\"", "is_system=\"false\""))
                .isEqualTo(27);
        assertThat(value(page, "rocketmq_throughput_in_total", ofTopic)).isGreaterThan(27 * 100);
        assertThat(value(page, "rocketmq_message_size_count", ofTopic)).isEqualTo(27);
        assertThat(value(page, "rocketmq_message_size_bucket", ofTopic, "le=\"1024.0\""))
                .isEqualTo(27);
        assertThat(value(page, "rocketmq_message_size_sum", ofTopic))
                .isEqualTo(value(page, "rocketmq_throughput_in_total", ofTopic));
        assertThat(value(page, "rocketmq_messages_out_total", ofTopic, ofGroup, "is_retry=\"false\""))
                .isEqualTo(20);
        assertThat(value(page, "rocketmq_consumer_ready_messages", ofTopic, ofGroup))
                .isEqualTo(7);
        assertThat(value(page, "rocketmq_consumer_lag_latency_milliseconds", ofTopic, ofGroup))
                .isPositive();
        assertThat(page.lines()
                        .filter(line -> line.startsWith("vostok_consumer_queue_lag_messages{")
                                && line.contains(ofTopic)
                                && line.contains(ofGroup))
                        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                        .sum())
                .isEqualTo(7);
        assertThat(value(online, "rocketmq_consumer_connections", ofGroup, "version=\"v5_5_0\"", "language=\"java\""))
                .isEqualTo(1);
        assertThat(value(page, "rocketmq_producer_connections", "version=\"v5_5_0\""))
                .isPositive();
        assertThat(value(page, "rocketmq_storage_size_bytes", "storage_type=\"local\"", "node_id=\"broker-a\""))
                .isGreaterThan(27 * 100);
        assertThat(value(page, "vostok_event_loop_delay_seconds", "loop=\"0\"")).isNotNegative();
        Await.until("a force is told", SOON, () -> value(scrape(http), "vostok_log_forces_total") > 0);
        assertThat(value(page, "rocketmq_timing_messages")).isZero();
        assertThat(value(page, "vertx_http_server_requests_total", "code=\"200\""))
                .isPositive();
        assertThat(value(page, "jvm_threads_live_threads")).isPositive();
    }

    @Test
    void tellsHowLongRequestsAndMessagesTook() {
        Server fresh = ended(VostokServer.start(ServerSpec.plain()));
        Http http = http(fresh);
        String topic = fresh("timed");
        RealClient client = Peers.client(Peers.NEW, fresh.nameServer());
        Producer producer = closing(client.producer(ProducerSpec.of(fresh("p"))));
        Inbox inbox = new Inbox();
        IntStream.range(0, 20).forEach(i -> producer.send(Draft.of(topic, "m" + i)));
        closing(client.consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        Await.until("all are received", SOON, () -> inbox.all().size() == 20);
        producer.send(Draft.of(topic, "in an hour").with("TIMER_DELAY_SEC", "3600"));
        closing(client.transactional(ProducerSpec.of(fresh("t")), new Decider() {
                    @Override
                    public Outcome execute(Draft draft) {
                        return Outcome.COMMIT;
                    }

                    @Override
                    public Outcome check(Got half) {
                        return Outcome.COMMIT;
                    }
                }))
                .send(Draft.of(topic, "committed"));

        String latency = "rocketmq_rpc_latency_milliseconds_";
        String[] sends = {"request_code=\"send_message_v2\"", "is_long_polling=\"false\"", "result=\"success\""};
        Await.until("every send is measured", SOON, () -> value(scrape(http), latency + "count", sends) == 22);
        Await.until(
                "a pull that waited is measured",
                SOON,
                () -> value(
                                scrape(http),
                                latency + "count",
                                "request_code=\"pull_message\"",
                                "response_code=\"success\"",
                                "is_long_polling=\"true\"")
                        > 0);
        String[] ofTopic = {"topic=\"" + topic + "\""};
        Await.until(
                "the commit is measured",
                SOON,
                () -> value(scrape(http), "rocketmq_finish_message_latency_milliseconds_count", ofTopic) == 1);
        String page = scrape(http);

        assertThat(value(page, latency + "sum", sends)).isPositive();
        assertThat(page.lines()
                        .filter(line -> line.startsWith(latency + "bucket") && line.contains(sends[0]))
                        .filter(line -> line.contains("le=\"+Inf\"")))
                .singleElement()
                .satisfies(line ->
                        assertThat(line).contains("response_code=\"success\"").endsWith(" 22"));
        assertThat(value(page, latency + "count", "request_code=\"end_transaction\"", "result=\"oneway\""))
                .isEqualTo(1);
        assertThat(value(page, "rocketmq_delay_message_latency_seconds_count", ofTopic))
                .isEqualTo(1);
        assertThat(value(page, "rocketmq_delay_message_latency_seconds_sum", ofTopic))
                .isBetween(3_599.0, 3_700.0);
    }

    @Test
    void canBeTurnedOffAndBounded() {
        Server off = ended(VostokServer.start(ServerSpec.plain(), "--metrics.enabled=false"));
        Server few = ended(VostokServer.start(ServerSpec.plain(), "--metrics.series=3"));
        Http http = http(few);
        for (int i = 0; i < 6; i++) http.post("/api/v1/topics/few-" + i + "/messages", "text/plain", "m");

        String page = scrape(http);

        assertThat(http(off).answer("GET", "/metrics", "").statusCode()).isEqualTo(404);
        assertThat(page.lines().filter(line -> line.startsWith("rocketmq_messages_in_total{")))
                .hasSize(4);
        assertThat(value(page, "vostok_metrics_folded_series", "metric=\"rocketmq_messages_in_total\""))
                .isGreaterThanOrEqualTo(3);
    }
}
