package io.vostok.config;

import io.vostok.config.Setting.Kind;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The table of all settings. Parsing, checks, {@code --help} and {@code docs/configuration.md} derive from it. */
public final class Settings {
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    /** The largest segment: positions within a file are ints, and a multiple of the page below 2 GiB. */
    private static final long LARGEST_SEGMENT = 2 * GIB - 4096;

    private static final List<Setting> ALL = List.of(
            new Setting(
                    "role",
                    Kind.CHOICES,
                    "broker,nameserver,http",
                    "",
                    0,
                    0,
                    1,
                    List.of("broker", "nameserver", "http"),
                    false,
                    "What this process does"),
            text("listen.host", "127.0.0.1", 1, 255, "Address every port listens on; 0.0.0.0 for all of the machine"),
            flag("listen.proxyProtocol", false, "Whether a PROXY prefix (v1, v2) is believed; only behind a balancer"),
            number("nameserver.port", 9876, 1, 65_535, "Port of the name server"),
            number(
                    "nameserver.maxBrokers",
                    1_000,
                    1,
                    100_000,
                    "Broker addresses held at most; further ones are refused"),
            number("nameserver.maxTopics", 50_000, 1, 10_000_000, "Topic names held at most; further ones are refused"),
            number("nameserver.maxKvEntries", 10_000, 1, 1_000_000, "Keys of the KV configuration held at most"),
            text("broker.name", "broker-a", 1, 127, "Name that a master and its slaves share"),
            text("broker.cluster", "DefaultCluster", 1, 127, "Cluster the broker belongs to"),
            number("broker.id", 0, 0, 1_000_000, "0 for a master; slaves have higher ones"),
            number("broker.port", 10_911, 1, 65_535, "Port of the broker"),
            derived(
                    "broker.vipPort",
                    Kind.NUMBER,
                    "broker.port - 2",
                    0,
                    65_535,
                    "Second port of the same server, which old clients use; 0 for none"),
            derived(
                    "broker.advertisedHost",
                    Kind.TEXT,
                    "listen.host, or the machine's address when listening on all",
                    1,
                    255,
                    "Host that name servers tell clients"),
            derived(
                    "broker.nameservers",
                    Kind.ADDRESSES,
                    "the name server of this process",
                    0,
                    0,
                    "Name servers the broker registers with"),
            time("broker.registerInterval", "30s", "10s", "60s", "Time between registrations with the name servers"),
            flag("broker.autoCreateTopics", true, "Whether the first send to an unknown topic creates it"),
            flag("broker.autoCreateGroups", true, "Whether the first pull of an unknown group creates it"),
            number("broker.defaultTopicQueues", 8, 1, 1_024, "Read and write queues of a topic created on first use"),
            number("broker.permission", 6, 2, 6, "What clients may do: 2 write, 4 read, 6 both"),
            text("broker.region", "DefaultRegion", 1, 127, "Region told to clients, for their traces"),
            flag("broker.traceOn", true, "Whether clients are told to trace"),
            number("broker.maxTopics", 10_000, 16, 1_000_000, "Topics at most; further ones are refused"),
            number("broker.maxGroups", 10_000, 16, 1_000_000, "Consumer groups at most; further ones are refused"),
            number("broker.maxQueuesPerTopic", 1_024, 1, 65_535, "Queues of one topic at most"),
            new Setting(
                    "broker.delayLevels",
                    Kind.DURATIONS,
                    "1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h",
                    "",
                    1,
                    64,
                    1,
                    List.of(),
                    false,
                    "How long messages of each delay level wait; what waits already keeps its time, or the level's new one if shorter"),
            time("broker.maxDelay", "30d", "1s", "3650d", "How far ahead a message's own delivery time may lie"),
            flag("broker.recall", true, "Whether producers may recall messages that wait for their own delivery time"),
            new Setting(
                    "store.path",
                    Kind.PATH,
                    "./data",
                    "",
                    0,
                    0,
                    1,
                    List.of(),
                    false,
                    "Folder of the store; one process at a time"),
            new Setting(
                    "store.segmentBytes",
                    Kind.SIZE,
                    "1GiB",
                    "",
                    64 * KIB,
                    LARGEST_SEGMENT,
                    4096,
                    List.of(),
                    false,
                    "Size of a commit log file; must not change for an existing store"),
            number(
                    "store.queueFileUnits",
                    300_000,
                    1,
                    100_000_000,
                    "20-byte units of a consume queue file; must not change for an existing store"),
            choice(
                    "store.flush",
                    "ASYNC",
                    List.of("ASYNC", "SYNC"),
                    "ASYNC answers a send after the append, SYNC after the disk has it"),
            time("store.flushInterval", "500ms", "1ms", "60s", "Time between forces of the log with ASYNC"),
            time(
                    "store.syncFlushTimeout",
                    "5s",
                    "10ms",
                    "60s",
                    "Longest wait of a send for the disk with SYNC, then FLUSH_DISK_TIMEOUT"),
            time(
                    "store.checkpointInterval",
                    "1s",
                    "100ms",
                    "10m",
                    "Time between checkpoints, from which recovery starts"),
            flag("store.recordCrc", true, "Whether each record ends with a checksum of all of it"),
            time(
                    "store.repeatWindow",
                    "5m",
                    "0ms",
                    "1h",
                    "How long the same message with the same unique id counts as sent already; 0 stores it again"),
            number(
                    "store.repeatEntries",
                    1_000_000,
                    1_000,
                    50_000_000,
                    "Sends remembered at most for that, the newest; 32 bytes each when so many come in the window"),
            size("store.maxMessageBytes", "4MiB", KIB, 128 * MIB, "Largest message body"),
            time("store.retention", "72h", "1m", "87600h", "How long a commit log file is kept after its last write"),
            number("store.deleteHour", 4, -1, 23, "Local hour at which files past retention go; -1 for any hour"),
            ratio(
                    "store.diskCleanRatio",
                    "0.75",
                    "Used share of the disk from which files past retention go at any hour"),
            ratio("store.diskForceRatio", "0.85", "Used share from which the oldest files go regardless of age"),
            ratio("store.diskFullRatio", "0.90", "Used share from which sends are refused; reads go on"),
            size("store.touchAheadBytes", "16MiB", 4 * KIB, GIB, "How far ahead of the writer disk blocks are made"),
            time(
                    "store.offsetsForceInterval",
                    "5s",
                    "10ms",
                    "10m",
                    "Time between forces of consumer offsets; a killed process loses none either way"),
            number(
                    "store.indexSlots",
                    5_000_000,
                    1,
                    100_000_000,
                    "Hash slots of a key index file; a change makes the index anew"),
            number(
                    "store.indexEntries",
                    20_000_000,
                    2,
                    100_000_000,
                    "20-byte entries of a key index file; a change makes the index anew"),
            derived(
                    "store.mappedQueueFiles",
                    Kind.NUMBER,
                    "an eighth of vm.max_map_count, 8192 at most",
                    1,
                    1_000_000,
                    "Consume queue files mapped at a time, whatever the number of queues; further ones are mapped when"
                            + " they are used"),
            time(
                    "transaction.timeout",
                    "6s",
                    "0ms",
                    "24h",
                    "How long a half message is left alone before its producers are asked; the message may name another time"),
            time("transaction.checkInterval", "30s", "10ms", "24h", "Time between questions about one half message"),
            number(
                    "transaction.checkMax",
                    15,
                    1,
                    1_000_000,
                    "Questions about one half message, then it goes to TRANS_CHECK_MAX_TIME_TOPIC"),
            number(
                    "transaction.maxPending",
                    500_000,
                    1,
                    20_000_000,
                    "Undecided half messages, some 60 bytes of memory each; beyond it transactional sends are refused"),
            time(
                    "pull.holdTime",
                    "15s",
                    "0ms",
                    "29s",
                    "How long a pull without messages is held when the client names no time"),
            time("pull.maxHoldTime", "29s", "0ms", "29s", "The most a client may ask for; clients give up after 30s"),
            number("pull.maxMessages", 32, 1, 10_000, "Messages in one answer"),
            size(
                    "pull.maxBytes",
                    "256KiB",
                    KIB,
                    16 * MIB,
                    "Bytes in one answer; a single larger message is still delivered"),
            number("pull.maxHeld", 20_000, 1, 1_000_000, "Pulls held at once; beyond it they are answered at once"),
            size(
                    "pull.recentBytes",
                    "1GiB",
                    0,
                    1024 * GIB,
                    "A new group starts with a queue's first message while that one is this near to the end of the log"),
            number(
                    "pop.maxInFlight",
                    200_000,
                    1,
                    10_000_000,
                    "Popped messages neither acked nor come again, all groups together; beyond it pops wait"),
            number(
                    "pop.maxInFlightPerQueue",
                    10_000,
                    1,
                    10_000_000,
                    "Such messages of one queue that one group may hold; beyond it pops pass the queue over"),
            number("pop.maxHeld", 20_000, 1, 1_000_000, "Pops held at once; beyond it they are answered at once"),
            flag(
                    "pop.priorityOrderAsc",
                    true,
                    "Whether pops of a topic with message.type PRIORITY take the highest queue first, else the lowest"),
            size("limits.frameBytes", "16MiB", 64 * KIB, 256 * MIB, "Largest frame a peer may send"),
            number(
                    "limits.connections",
                    10_000,
                    1,
                    1_000_000,
                    "Connections at once, all ports together; further ones are closed. Fewer where the process may open few files"),
            size(
                    "limits.inFlightBytes",
                    "64MiB",
                    64 * KIB,
                    16 * GIB,
                    "Appends not yet confirmed, all connections together; beyond it sends are refused as busy"),
            time(
                    "limits.flushLag",
                    "5s",
                    "10ms",
                    "10m",
                    "How long the disk may be behind before sends are refused as busy; with ASYNC beyond store.flushInterval"),
            size(
                    "limits.unflushedBytes",
                    "1GiB",
                    64 * KIB,
                    64 * GIB,
                    "How many bytes the disk may be behind before sends are refused as busy"),
            time(
                    "limits.appendStall",
                    "1s",
                    "10ms",
                    "10m",
                    "How long one append may take before other sends are refused as busy: the page cache does not keep up"),
            rates(
                    "limits.topicRates",
                    "Messages a second that may be sent to a topic, as orders=500,*=10000; 0 for no limit"),
            rates(
                    "limits.groupRates",
                    "Messages a second that a consumer group is given, as billing=500,*=10000; 0 for no limit"),
            time(
                    "limits.unfinishedFrameTime",
                    "30s",
                    "100ms",
                    "10m",
                    "Age at which an incomplete frame closes its connection"),
            number("limits.headerFields", 512, 32, 65_535, "Extension fields of one header"),
            time(
                    "limits.idleTime",
                    "120s",
                    "1s",
                    "24h",
                    "Silence in both directions after which a connection is closed"),
            size(
                    "limits.writeBufferBytes",
                    "8MiB",
                    64 * KIB,
                    GIB,
                    "Answers one peer has not yet taken; beyond it nothing is read from it"),
            size(
                    "limits.untakenBytes",
                    "32MiB",
                    64 * KIB,
                    16 * GIB,
                    "Answers not yet taken, all connections together; beyond it consumers that do not read get no more"),
            choice(
                    "tls.mode",
                    "PERMISSIVE",
                    List.of("DISABLED", "PERMISSIVE", "ENFORCING"),
                    "Plaintext only, both on each port, or TLS only"),
            derived(
                    "tls.certificateFile",
                    Kind.PATH,
                    "self-signed, made on first use",
                    0,
                    0,
                    "PEM chain, the server's certificate first"),
            derived("tls.keyFile", Kind.PATH, "self-signed, made on first use", 0, 0, "PEM private key (PKCS #8)"),
            choice(
                    "tls.clientAuth",
                    "NONE",
                    List.of("NONE", "OPTIONAL", "REQUIRE"),
                    "Whether clients show a certificate"),
            derived(
                    "tls.trustFile",
                    Kind.PATH,
                    "none",
                    0,
                    0,
                    "PEM certificates that client certificates must chain to"),
            derived("threads.eventLoops", Kind.NUMBER, "one per processor", 1, 256, "Threads that serve sockets"),
            time("sessions.channelExpiry", "120s", "1s", "1h", "Silence after which a producer or consumer is dropped"),
            time(
                    "sessions.conflictInterval",
                    "60s",
                    "1s",
                    "1d",
                    "How long members of a group must contradict each other before the log tells, and how often it does"),
            text(
                    "http.host",
                    "127.0.0.1",
                    1,
                    255,
                    "Address the HTTP port listens on; it asks for no password, so other machines only by choice"),
            number("http.port", 8_082, 1, 65_535, "Port of the HTTP API, the console, metrics and health"),
            size("http.maxBodyBytes", "16MiB", 64 * KIB, 256 * MIB, "Largest body of an HTTP request"),
            number("http.maxStreams", 1_000, 1, 100_000, "Readers of a topic's stream at once; further ones wait"),
            flag("metrics.enabled", true, "Whether the HTTP port has a page of figures for Prometheus, /metrics"),
            number(
                    "metrics.series",
                    500,
                    1,
                    100_000,
                    "Series of one metric that are told apart; the rest is summed up as `other`"));

    private static final Map<String, Setting> BY_NAME = byName();

    private Settings() {}

    /** Returns every setting, grouped, in the order of the documentation. */
    public static List<Setting> all() {
        return ALL;
    }

    /** Returns the setting of that name, or null when there is none. */
    public static @Nullable Setting find(String name) {
        return BY_NAME.get(name);
    }

    /** Returns what a group of settings is about, for readers. */
    public static String groupTitle(String group) {
        return switch (group) {
            case "role" -> "What this process does";
            case "listen" -> "Where it listens";
            case "nameserver" -> "Name server";
            case "broker" -> "Broker";
            case "store" -> "Store";
            case "transaction" -> "Transactional messages";
            case "pull" -> "Consumers reading";
            case "pop" -> "Consumers popping";
            case "limits" -> "Limits for peers";
            case "tls" -> "TLS";
            case "threads" -> "Threads";
            case "sessions" -> "Connected producers and consumers";
            case "http" -> "HTTP";
            case "metrics" -> "Metrics";
            default -> throw new IllegalArgumentException("no title for the group " + group);
        };
    }

    /**
     * Refuses a value that the row of {@code name} does not allow.
     *
     * @throws ConfigException naming the setting, the value and what is allowed
     */
    static void check(String name, Object value) {
        get(name).check(value);
    }

    /** Returns the setting that must exist. */
    static Setting get(String name) {
        Setting setting = BY_NAME.get(name);
        if (setting == null) throw new IllegalStateException("no row in the table of settings: " + name);
        return setting;
    }

    private static Map<String, Setting> byName() {
        Map<String, Setting> rows = new LinkedHashMap<>();
        for (Setting setting : ALL) rows.put(setting.name(), setting);
        return Map.copyOf(rows);
    }

    private static Setting text(String name, String defaultText, int fewest, int most, String meaning) {
        return new Setting(name, Kind.TEXT, defaultText, "", fewest, most, 1, List.of(), false, meaning);
    }

    private static Setting number(String name, long defaultValue, long least, long most, String meaning) {
        return new Setting(
                name, Kind.NUMBER, Long.toString(defaultValue), "", least, most, 1, List.of(), false, meaning);
    }

    private static Setting size(String name, String defaultText, long least, long most, String meaning) {
        return new Setting(name, Kind.SIZE, defaultText, "", least, most, 1, List.of(), false, meaning);
    }

    private static Setting time(String name, String defaultText, String least, String most, String meaning) {
        return new Setting(
                name, Kind.DURATION, defaultText, "", millis(least), millis(most), 1, List.of(), false, meaning);
    }

    private static Setting ratio(String name, String defaultText, String meaning) {
        return new Setting(name, Kind.RATIO, defaultText, "", 0, 1, 1, List.of(), false, meaning);
    }

    private static Setting flag(String name, boolean defaultValue, String meaning) {
        return new Setting(name, Kind.FLAG, Boolean.toString(defaultValue), "", 0, 0, 1, List.of(), false, meaning);
    }

    private static Setting choice(String name, String defaultText, List<String> words, String meaning) {
        return new Setting(name, Kind.CHOICE, defaultText, "", 0, 0, 1, words, false, meaning);
    }

    private static Setting rates(String name, String meaning) {
        return new Setting(name, Kind.RATES, "none", "", 0, 1_000_000_000, 1, List.of(), false, meaning);
    }

    private static Setting derived(String name, Kind kind, String absent, long least, long most, String meaning) {
        return new Setting(name, kind, "", absent, least, most, 1, List.of(), false, meaning);
    }

    private static long millis(String duration) {
        Setting any = new Setting("", Kind.DURATION, "", "", 0, Long.MAX_VALUE, 1, List.of(), false, "");
        return ((Duration) any.parse(duration)).toMillis();
    }
}
