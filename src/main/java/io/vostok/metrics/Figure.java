package io.vostok.metrics;

import java.util.List;

/**
 * Everything a scrape of a broker tells, by the name under which it does. Names that begin with {@code rocketmq_} and their
 * labels are Apache's (storage reference 17.2, compared with what a broker 5.5.0 exports); {@code docs/metrics.md} lists all.
 */
public enum Figure {
    BROKER_PERMISSION("rocketmq_broker_permission", Kind.GAUGE, "2 write, 4 read, 6 both"),
    TOPICS("rocketmq_topic_number", Kind.GAUGE, "Topics"),
    GROUPS("rocketmq_consumer_group_number", Kind.GAUGE, "Consumer groups"),
    MESSAGES_IN(
            "rocketmq_messages_in_total",
            Kind.COUNTER,
            "Messages that entered the log",
            Label.TOPIC,
            Label.MESSAGE_TYPE,
            Label.SYSTEM),
    THROUGHPUT_IN(
            "rocketmq_throughput_in_total",
            Kind.COUNTER,
            "Bytes of messages that entered the log",
            Label.TOPIC,
            Label.MESSAGE_TYPE,
            Label.SYSTEM),
    MESSAGE_SIZE(
            "rocketmq_message_size",
            new long[] {1 << 10, 4 << 10, 512 << 10, 1 << 20, 2 << 20, 4 << 20},
            "Bytes of each message that entered the log",
            Label.TOPIC,
            Label.MESSAGE_TYPE,
            Label.SYSTEM),
    MESSAGES_OUT(
            "rocketmq_messages_out_total",
            Kind.COUNTER,
            "Messages given to consumers",
            Label.TOPIC,
            Label.GROUP,
            Label.SYSTEM,
            Label.RETRY),
    THROUGHPUT_OUT(
            "rocketmq_throughput_out_total",
            Kind.COUNTER,
            "Bytes of messages given to consumers",
            Label.TOPIC,
            Label.GROUP,
            Label.SYSTEM,
            Label.RETRY),
    RPC_LATENCY(
            "rocketmq_rpc_latency_milliseconds",
            new long[] {1, 3, 5, 7, 10, 100, 1_000, 2_000, 3_000},
            "Time from a request's arrival until its answer was sent; of a long poll with its wait",
            Label.PROTOCOL,
            Label.REQUEST_CODE,
            Label.RESPONSE_CODE,
            Label.LONG_POLLING,
            Label.RESULT),
    PRODUCERS(
            "rocketmq_producer_connections",
            Kind.GAUGE,
            "Connected producers by client",
            Label.LANGUAGE,
            Label.VERSION),
    CONSUMERS(
            "rocketmq_consumer_connections",
            Kind.GAUGE,
            "Connected consumers by client",
            Label.GROUP,
            Label.LANGUAGE,
            Label.VERSION,
            Label.CONSUME_MODE,
            Label.SYSTEM),
    LAG(
            "rocketmq_consumer_lag_messages",
            Kind.GAUGE,
            "Messages that the group has not consumed",
            Label.TOPIC,
            Label.GROUP,
            Label.RETRY,
            Label.SYSTEM),
    LAG_LATENCY(
            "rocketmq_consumer_lag_latency_milliseconds",
            Kind.GAUGE,
            "Age of the oldest message that the group has not consumed",
            Label.TOPIC,
            Label.GROUP,
            Label.RETRY,
            Label.SYSTEM),
    IN_FLIGHT(
            "rocketmq_consumer_inflight_messages",
            Kind.GAUGE,
            "Popped messages that are neither acked nor come again",
            Label.TOPIC,
            Label.GROUP,
            Label.RETRY,
            Label.SYSTEM),
    READY(
            "rocketmq_consumer_ready_messages",
            Kind.GAUGE,
            "Messages that the group was not given; for a group that pulls, that it has not consumed",
            Label.TOPIC,
            Label.GROUP,
            Label.RETRY,
            Label.SYSTEM),
    QUEUEING_LATENCY(
            "rocketmq_consumer_queueing_latency_milliseconds",
            Kind.GAUGE,
            "Age of the oldest message that is ready",
            Label.TOPIC,
            Label.GROUP,
            Label.RETRY,
            Label.SYSTEM),
    TO_DEAD_LETTERS(
            "rocketmq_send_to_dlq_messages_total",
            Kind.COUNTER,
            "Messages that became dead letters; the topic is that of the dead letters",
            Label.TOPIC,
            Label.GROUP,
            Label.SYSTEM),
    COMMITTED("rocketmq_commit_messages_total", Kind.COUNTER, "Transactions committed"),
    ROLLED_BACK("rocketmq_rollback_messages_total", Kind.COUNTER, "Transactions rolled back"),
    FINISH_LATENCY(
            "rocketmq_finish_message_latency_milliseconds",
            new long[] {5, 60, 600, 3_600, 43_200, 86_400},
            "Time from a half message's birth until its commit; in seconds, as Apache's, whatever its name says",
            Label.TOPIC),
    HALVES("rocketmq_half_messages", Kind.GAUGE, "Half messages that are undecided"),
    TIMERS("rocketmq_timing_messages", Kind.GAUGE, "Messages that wait for a delivery time of their own"),
    TIMERS_IN("rocketmq_timer_enqueue_total", Kind.COUNTER, "Messages that came with a delivery time of their own"),
    DELAY_LATENCY(
            "rocketmq_delay_message_latency_seconds",
            new long[] {60, 600, 3_600, 43_200, 86_400, 259_200},
            "Time from a message's birth until the delivery time of its own that it came with",
            Label.TOPIC),
    REVIVE_LAG(
            "rocketmq_pop_revive_lag_milliseconds",
            Kind.GAUGE,
            "Records of the revive topic that are not dealt with; a count, as Apache's, whatever its name says",
            Label.QUEUE),
    STORAGE_SIZE("rocketmq_storage_size_bytes", Kind.GAUGE, "Size of the log", Label.STORAGE, Label.MEDIUM),
    FLUSH_BEHIND(
            "rocketmq_storage_flush_behind_bytes",
            Kind.GAUGE,
            "Bytes of the log that the disk does not have",
            Label.STORAGE,
            Label.MEDIUM),
    DISPATCH_BEHIND(
            "rocketmq_storage_dispatch_behind_bytes",
            Kind.GAUGE,
            "Bytes of the log that are not in their queues",
            Label.STORAGE,
            Label.MEDIUM),
    RESERVE_TIME(
            "rocketmq_storage_message_reserve_time_milliseconds",
            Kind.GAUGE,
            "Age of the oldest message",
            Label.STORAGE,
            Label.MEDIUM),
    QUEUE_LAG(
            "vostok_consumer_queue_lag_messages",
            Kind.GAUGE,
            "Messages of one queue that the group has not consumed; none is not told",
            Label.TOPIC,
            Label.GROUP,
            Label.QUEUE),
    DEAD_LETTERS("vostok_dead_letter_messages", Kind.GAUGE, "Dead letters that are kept", Label.GROUP),
    SENT_BACK(
            "vostok_sent_back_messages_total",
            Kind.COUNTER,
            "Messages that consumers failed on",
            Label.TOPIC,
            Label.GROUP),
    DELAYED("vostok_delayed_messages", Kind.GAUGE, "Messages that wait on a delay level", Label.LEVEL),
    CHECKS("vostok_transaction_checks_total", Kind.COUNTER, "Questions to producers about half messages", Label.RESULT),
    GIVEN_UP("vostok_transaction_given_up_total", Kind.COUNTER, "Half messages that nobody decided"),
    LOST("vostok_transaction_lost_total", Kind.COUNTER, "Half messages that are gone undecided"),
    PULLS("vostok_pulls_total", Kind.COUNTER, "Pulls answered with messages (found) or without (missed)", Label.RESULT),
    REFUSED("vostok_refused_total", Kind.COUNTER, "Requests refused by a limit", Label.REASON),
    REPEATED("vostok_repeated_sends_total", Kind.COUNTER, "Sends answered with the result of an equal one before"),
    CONFLICTS("vostok_subscription_conflicts", Kind.GAUGE, "Groups whose members contradict each other"),
    APPEND(
            "vostok_append_milliseconds",
            Kind.GAUGE,
            "Time from the writer's hand into the log, since the start",
            Label.QUANTILE),
    FORCES(
            "vostok_log_forces_total",
            Kind.COUNTER,
            "Forces of the log; a force covers all that was appended before it"),
    IN_FLIGHT_BYTES("vostok_in_flight_bytes", Kind.GAUGE, "Bytes of sends that wait for their confirmation"),
    LOOP_DELAY(
            "vostok_event_loop_delay_seconds",
            Kind.GAUGE,
            "Time this scrape waited for its turn on an event loop",
            Label.LOOP),
    WRITABLE("vostok_store_writable", Kind.GAUGE, "1 while appends are taken, else 0"),
    DISK_USED("vostok_disk_used_ratio", Kind.GAUGE, "Share of the disk that is used, 0 to 1"),
    DISK_FREE("vostok_disk_free_bytes", Kind.GAUGE, "Free bytes of the disk"),
    FOLDED(
            "vostok_metrics_folded_series",
            Kind.GAUGE,
            "Series that are summed up as `other` because there are more than metrics.series",
            Label.METRIC);

    /** How a value goes on. */
    public enum Kind {
        /** Only upwards, from 0 at the start. */
        COUNTER,
        GAUGE,
        /** Counters by size, which go on as a counter does. */
        HISTOGRAM
    }

    private static final class Label {
        static final String TOPIC = "topic";
        static final String GROUP = "consumer_group";
        static final String MESSAGE_TYPE = "message_type";
        static final String SYSTEM = "is_system";
        static final String RETRY = "is_retry";
        static final String LANGUAGE = "language";
        static final String VERSION = "version";
        static final String CONSUME_MODE = "consume_mode";
        static final String STORAGE = "storage_type";
        static final String MEDIUM = "storage_medium";
        static final String PROTOCOL = "protocol_type";
        static final String REQUEST_CODE = "request_code";
        static final String RESPONSE_CODE = "response_code";
        static final String LONG_POLLING = "is_long_polling";
        static final String QUEUE = "queue_id";
        static final String LEVEL = "level";
        static final String RESULT = "result";
        static final String REASON = "reason";
        static final String QUANTILE = "quantile";
        static final String LOOP = "loop";
        static final String METRIC = "metric";
    }

    private final String series;
    private final Kind kind;
    private final String help;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> labels;

    @SuppressWarnings("ImmutableEnumChecker") // never handed out
    private final long[] limits;

    Figure(String series, Kind kind, String help, String... labels) {
        this(series, kind, new long[0], help, labels);
    }

    Figure(String series, long[] limits, String help, String... labels) {
        this(series, Kind.HISTOGRAM, limits, help, labels);
    }

    Figure(String series, Kind kind, long[] limits, String help, String... labels) {
        this.series = series;
        this.kind = kind;
        this.limits = limits;
        this.help = help;
        this.labels = List.of(labels);
    }

    /** Returns the name on the page. */
    public String series() {
        return series;
    }

    public Kind kind() {
        return kind;
    }

    public String help() {
        return help;
    }

    /** Returns the names of its labels, besides those that every series has. */
    public List<String> labels() {
        return labels;
    }

    /** Returns up to where the classes of a histogram go, as Apache's do; behind the last is one more. */
    public long[] limits() {
        return limits.clone();
    }

    /** Returns the values of the labels of what is summed up: no system's, no retry's. */
    List<String> otherLabels() {
        return labels.stream()
                .map(label -> label.startsWith("is_") ? "false" : Folding.OTHER)
                .toList();
    }
}
