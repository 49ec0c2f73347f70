package io.vostok.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything an operator can choose, checked. Immutable; read once at start.
 *
 * <p>Each component is named as in {@link Settings}, the table from which parsing, {@code --help} and
 * {@code docs/configuration.md} derive. Every constructor throws {@link ConfigException} for a value that is not
 * allowed. Parts of the program take the part they use, never the whole.
 */
public record Config(
        Set<Role> roles,
        Listen listen,
        NameServer nameserver,
        Broker broker,
        Store store,
        Transaction transaction,
        Pull pull,
        Pop pop,
        Limits limits,
        Tls tls,
        Threads threads,
        Sessions sessions,
        Http http,
        Metrics metrics) {

    /** What this process does. */
    public enum Role {
        BROKER,
        NAMESERVER,
        /** The HTTP API, the console, metrics and health. */
        HTTP
    }

    /** When a send is acknowledged with respect to the disk. */
    public enum Flush {
        /** After the append; the disk follows within {@code store.flushInterval}. */
        ASYNC,
        /** After the disk has it. */
        SYNC
    }

    /** What is spoken on a port. */
    public enum TlsMode {
        /** Plaintext only. */
        DISABLED,
        /** Plaintext and TLS, told apart by the first byte. */
        PERMISSIVE,
        /** TLS only. */
        ENFORCING
    }

    /** Whether clients show a certificate. */
    public enum ClientAuth {
        NONE,
        OPTIONAL,
        REQUIRE
    }

    public Config {
        if (roles.isEmpty()) throw new ConfigException("role", "must name at least one of broker, nameserver, http");
        roles = Set.copyOf(EnumSet.copyOf(roles));
        if (roles.contains(Role.BROKER) && roles.contains(Role.NAMESERVER)) {
            portsDiffer("nameserver.port", nameserver.port(), "broker.port", broker.port());
            portsDiffer("nameserver.port", nameserver.port(), "broker.vipPort", broker.vipPort());
        }
        if (roles.contains(Role.HTTP)) {
            if (roles.contains(Role.NAMESERVER)) {
                portsDiffer("http.port", http.port(), "nameserver.port", nameserver.port());
            }
            if (roles.contains(Role.BROKER)) {
                portsDiffer("http.port", http.port(), "broker.port", broker.port());
                portsDiffer("http.port", http.port(), "broker.vipPort", broker.vipPort());
            }
            if (http.maxBodyBytes() < store.maxMessageBytes()) {
                throw new ConfigException(
                        "http.maxBodyBytes",
                        "must be at least store.maxMessageBytes (" + store.maxMessageBytes() + "), was "
                                + http.maxBodyBytes());
            }
        }
        if (!roles.contains(Role.NAMESERVER) && broker.nameservers().isEmpty()) {
            throw new ConfigException(
                    "broker.nameservers",
                    "must name at least one name server, because role nameserver is not run here");
        }
        if (limits.frameBytes() < store.maxMessageBytes() + 65_536) {
            throw new ConfigException(
                    "limits.frameBytes",
                    "must be at least 64KiB above store.maxMessageBytes (" + store.maxMessageBytes() + "), was "
                            + limits.frameBytes());
        }
        if (limits.inFlightBytes() < limits.frameBytes()) {
            throw new ConfigException(
                    "limits.inFlightBytes",
                    "must be at least limits.frameBytes (" + limits.frameBytes() + "), was " + limits.inFlightBytes());
        }
    }

    private static void portsDiffer(String key, int port, String otherKey, int otherPort) {
        if (port != 0 && port == otherPort) {
            throw new ConfigException(key, "must differ from " + otherKey + ", both were " + port);
        }
    }

    /** Returns the configuration of a start without file, environment or arguments. */
    public static Config defaults() {
        return ConfigLoader.load(null, Map.of(), Map.of());
    }

    /**
     * Returns the defaults with some settings replaced, each by its name and its text as in a file.
     *
     * @throws ConfigException when one is unknown or not allowed
     */
    public static Config of(Map<String, String> settings) {
        return ConfigLoader.load(null, Map.of(), settings);
    }

    /**
     * The addresses to listen on.
     *
     * @param host address of every port; {@code 0.0.0.0} or {@code ::} for all of the machine
     * @param proxyProtocol whether a PROXY prefix before a connection's bytes is believed
     */
    public record Listen(String host, boolean proxyProtocol) {
        public Listen {
            Settings.check("listen.host", host);
        }
    }

    /**
     * The name server's part.
     *
     * @param maxBrokers registered broker addresses held at most
     * @param maxTopics topic names held at most
     * @param maxKvEntries keys of the KV configuration held at most
     */
    public record NameServer(int port, int maxBrokers, int maxTopics, int maxKvEntries) {
        public NameServer {
            Settings.check("nameserver.port", port);
            Settings.check("nameserver.maxBrokers", maxBrokers);
            Settings.check("nameserver.maxTopics", maxTopics);
            Settings.check("nameserver.maxKvEntries", maxKvEntries);
        }
    }

    /**
     * The broker's part.
     *
     * @param vipPort second port of the same server; 0 for none
     * @param advertisedHost the host that name servers tell clients; already derived when it was not set
     * @param nameservers with which the broker registers; the one in this process when none was set, and empty then when
     *     its port is left to the system
     * @param permission 2 write, 4 read, 6 both
     * @param defaultTopicQueues read and write queues of a topic created on first use
     * @param delayLevels how long each delay level waits, the first is level 1
     * @param maxDelay how far ahead a message's own delivery time may lie
     * @param recall whether messages that wait for their time can be recalled
     */
    public record Broker(
            String name,
            String cluster,
            long id,
            int port,
            int vipPort,
            String advertisedHost,
            List<HostPort> nameservers,
            Duration registerInterval,
            boolean autoCreateTopics,
            boolean autoCreateGroups,
            int defaultTopicQueues,
            int permission,
            String region,
            boolean traceOn,
            int maxTopics,
            int maxGroups,
            int maxQueuesPerTopic,
            List<Duration> delayLevels,
            Duration maxDelay,
            boolean recall) {
        public Broker {
            Settings.check("broker.name", name);
            Settings.check("broker.cluster", cluster);
            Settings.check("broker.id", id);
            Settings.check("broker.port", port);
            Settings.check("broker.vipPort", vipPort);
            Settings.check("broker.advertisedHost", advertisedHost);
            Settings.check("broker.registerInterval", registerInterval);
            Settings.check("broker.defaultTopicQueues", defaultTopicQueues);
            Settings.check("broker.permission", permission);
            Settings.check("broker.region", region);
            Settings.check("broker.maxTopics", maxTopics);
            Settings.check("broker.maxGroups", maxGroups);
            Settings.check("broker.maxQueuesPerTopic", maxQueuesPerTopic);
            delayLevels = List.copyOf(delayLevels);
            Settings.check("broker.delayLevels", delayLevels);
            Settings.check("broker.maxDelay", maxDelay);
            nameservers = List.copyOf(nameservers);
            if (permission != 2 && permission != 4 && permission != 6) {
                throw new ConfigException(
                        "broker.permission", "must be 2 (write), 4 (read) or 6 (both), was " + permission);
            }
            portsDiffer("broker.vipPort", vipPort, "broker.port", port);
            if (defaultTopicQueues > maxQueuesPerTopic) {
                throw new ConfigException(
                        "broker.defaultTopicQueues",
                        "must be at most broker.maxQueuesPerTopic (" + maxQueuesPerTopic + "), was "
                                + defaultTopicQueues);
            }
        }
    }

    /**
     * What is on disk.
     *
     * @param segmentBytes of a commit log file
     * @param queueFileUnits 20-byte units of a consume queue file
     * @param flushInterval time between forces of the log with asynchronous flush
     * @param syncFlushTimeout longest wait of a send for its force before it is answered FLUSH_DISK_TIMEOUT
     * @param checkpointInterval time between checkpoints of queues, from which recovery starts
     * @param recordCrc whether records end with a checksum
     * @param repeatWindow how long the same message with the same unique id counts as sent already; zero for never
     * @param repeatEntries sends remembered at most for that
     * @param maxMessageBytes largest body
     * @param retention how long a segment is kept after its last write
     * @param deleteHour local hour at which segments past retention go; -1 for any
     * @param diskCleanRatio used share of the disk from which segments past retention go at any hour
     * @param diskForceRatio used share from which the oldest segments go regardless of age
     * @param diskFullRatio used share from which sends are refused
     * @param touchAheadBytes how far ahead of the writer disk blocks are made
     * @param offsetsForceInterval time between forces of consumer offsets
     * @param indexSlots hash slots of a key index file
     * @param indexEntries entries of a key index file
     * @param mappedQueueFiles consume queue files mapped at a time; already derived when it was not set
     */
    public record Store(
            Path path,
            int segmentBytes,
            int queueFileUnits,
            Flush flush,
            Duration flushInterval,
            Duration syncFlushTimeout,
            Duration checkpointInterval,
            boolean recordCrc,
            Duration repeatWindow,
            int repeatEntries,
            int maxMessageBytes,
            Duration retention,
            int deleteHour,
            double diskCleanRatio,
            double diskForceRatio,
            double diskFullRatio,
            int touchAheadBytes,
            Duration offsetsForceInterval,
            int indexSlots,
            int indexEntries,
            int mappedQueueFiles) {
        private static final long MOST_INDEX_BYTES = Integer.MAX_VALUE - 48L;

        public Store {
            Settings.check("store.segmentBytes", segmentBytes);
            Settings.check("store.queueFileUnits", queueFileUnits);
            Settings.check("store.flushInterval", flushInterval);
            Settings.check("store.syncFlushTimeout", syncFlushTimeout);
            Settings.check("store.checkpointInterval", checkpointInterval);
            Settings.check("store.repeatWindow", repeatWindow);
            Settings.check("store.repeatEntries", repeatEntries);
            Settings.check("store.maxMessageBytes", maxMessageBytes);
            Settings.check("store.retention", retention);
            Settings.check("store.deleteHour", deleteHour);
            Settings.check("store.diskCleanRatio", diskCleanRatio);
            Settings.check("store.diskForceRatio", diskForceRatio);
            Settings.check("store.diskFullRatio", diskFullRatio);
            Settings.check("store.touchAheadBytes", touchAheadBytes);
            Settings.check("store.offsetsForceInterval", offsetsForceInterval);
            Settings.check("store.indexSlots", indexSlots);
            Settings.check("store.indexEntries", indexEntries);
            Settings.check("store.mappedQueueFiles", mappedQueueFiles);
            if (4L * indexSlots + 20L * indexEntries > MOST_INDEX_BYTES) {
                throw new ConfigException(
                        "store.indexEntries",
                        "must leave an index file (20 bytes an entry, 4 a slot) below 2 GiB, was " + indexEntries
                                + " with store.indexSlots " + indexSlots);
            }
            if (diskCleanRatio > diskForceRatio) {
                throw new ConfigException(
                        "store.diskCleanRatio",
                        "must be at most store.diskForceRatio (" + diskForceRatio + "), was " + diskCleanRatio);
            }
            if (diskForceRatio > diskFullRatio) {
                throw new ConfigException(
                        "store.diskForceRatio",
                        "must be at most store.diskFullRatio (" + diskFullRatio + "), was " + diskForceRatio);
            }
        }
    }

    /**
     * Transactional messages.
     *
     * @param timeout how long a half message is left alone before its first check
     * @param checkInterval time between checks of one half message
     * @param checkMax checks after which it is given up
     * @param maxPending undecided half messages at once; beyond it transactional sends are refused
     */
    public record Transaction(Duration timeout, Duration checkInterval, int checkMax, int maxPending) {
        public Transaction {
            Settings.check("transaction.timeout", timeout);
            Settings.check("transaction.checkInterval", checkInterval);
            Settings.check("transaction.checkMax", checkMax);
            Settings.check("transaction.maxPending", maxPending);
        }
    }

    /**
     * Reading by consumers.
     *
     * @param holdTime how long a pull without messages is held when the client names no time
     * @param maxHoldTime the most a client may ask for; below the 30 s after which clients give up
     * @param maxMessages in one answer
     * @param maxBytes in one answer; a single larger message is still delivered
     * @param maxHeld pulls held at once; beyond it they are answered at once
     * @param recentBytes a new group starts with a queue's first message while it is this near to the end of the log
     */
    public record Pull(
            Duration holdTime, Duration maxHoldTime, int maxMessages, int maxBytes, int maxHeld, long recentBytes) {
        public Pull {
            Settings.check("pull.holdTime", holdTime);
            Settings.check("pull.maxHoldTime", maxHoldTime);
            Settings.check("pull.maxMessages", maxMessages);
            Settings.check("pull.maxBytes", maxBytes);
            Settings.check("pull.maxHeld", maxHeld);
            Settings.check("pull.recentBytes", recentBytes);
            if (holdTime.compareTo(maxHoldTime) > 0) {
                throw new ConfigException(
                        "pull.holdTime",
                        "must be at most pull.maxHoldTime (" + Setting.text(maxHoldTime) + "), was "
                                + Setting.text(holdTime));
            }
        }
    }

    /**
     * Popping by consumers.
     *
     * @param maxInFlight messages that all groups may hold together, neither acked nor come again
     * @param maxInFlightPerQueue messages that one group may hold of one queue
     * @param maxHeld pops held at once; beyond it they are answered at once
     * @param priorityOrderAsc whether of a topic with priorities the highest queue comes first
     */
    public record Pop(int maxInFlight, int maxInFlightPerQueue, int maxHeld, boolean priorityOrderAsc) {
        public Pop {
            Settings.check("pop.maxInFlight", maxInFlight);
            Settings.check("pop.maxInFlightPerQueue", maxInFlightPerQueue);
            Settings.check("pop.maxHeld", maxHeld);
        }
    }

    /**
     * What a peer may take.
     *
     * @param frameBytes largest frame, its length field excluded
     * @param connections open at once; beyond it new ones are closed
     * @param inFlightBytes of appends not yet confirmed, all connections together; beyond it sends are refused as busy
     * @param flushLag how long the disk may be behind before sends are refused as busy
     * @param unflushedBytes how many bytes it may be behind
     * @param appendStall how long one append may take before other sends are refused as busy
     * @param topicRates messages a second that may be sent, by topic; {@code *} for all others, 0 for no limit
     * @param groupRates messages a second that are given to a consumer group, by group
     * @param unfinishedFrameTime age at which a frame that is not complete closes its connection
     * @param headerFields extension fields of one header
     * @param idleTime silence in both directions after which a connection is closed
     * @param writeBufferBytes answers not yet taken by one peer; beyond it nothing is read from it
     * @param untakenBytes answers not yet taken by all peers; beyond it those that do not read get no more messages
     */
    public record Limits(
            int frameBytes,
            int connections,
            long inFlightBytes,
            Duration flushLag,
            long unflushedBytes,
            Duration appendStall,
            Map<String, Long> topicRates,
            Map<String, Long> groupRates,
            Duration unfinishedFrameTime,
            int headerFields,
            Duration idleTime,
            int writeBufferBytes,
            long untakenBytes) {
        public Limits {
            Settings.check("limits.frameBytes", frameBytes);
            Settings.check("limits.connections", connections);
            Settings.check("limits.inFlightBytes", inFlightBytes);
            Settings.check("limits.flushLag", flushLag);
            Settings.check("limits.unflushedBytes", unflushedBytes);
            Settings.check("limits.appendStall", appendStall);
            topicRates = Map.copyOf(topicRates);
            groupRates = Map.copyOf(groupRates);
            Settings.check("limits.unfinishedFrameTime", unfinishedFrameTime);
            Settings.check("limits.headerFields", headerFields);
            Settings.check("limits.idleTime", idleTime);
            Settings.check("limits.writeBufferBytes", writeBufferBytes);
            Settings.check("limits.untakenBytes", untakenBytes);
        }
    }

    /**
     * TLS on the remoting ports.
     *
     * @param certificateFile PEM chain, the server's certificate first; null for a self-signed one made on first use
     * @param keyFile PEM private key (PKCS #8), set exactly when the certificate is
     * @param clientAuth whether clients show a certificate
     * @param trustFile PEM certificates that client certificates must chain to
     */
    public record Tls(
            TlsMode mode,
            @Nullable Path certificateFile,
            @Nullable Path keyFile,
            ClientAuth clientAuth,
            @Nullable Path trustFile) {
        public Tls {
            if (certificateFile != null && keyFile == null) {
                throw new ConfigException(
                        "tls.certificateFile", "must be set together with tls.keyFile, was " + certificateFile);
            }
            if (keyFile != null && certificateFile == null) {
                throw new ConfigException(
                        "tls.keyFile", "must be set together with tls.certificateFile, was " + keyFile);
            }
            if (clientAuth != ClientAuth.NONE && trustFile == null) {
                throw new ConfigException(
                        "tls.clientAuth", "must be NONE unless tls.trustFile is set, was " + clientAuth);
            }
        }
    }

    /**
     * Threads of the process.
     *
     * @param eventLoops threads that serve sockets; already derived when it was not set
     */
    public record Threads(int eventLoops) {
        public Threads {
            Settings.check("threads.eventLoops", eventLoops);
        }
    }

    /**
     * Producers and consumers that are connected.
     *
     * @param channelExpiry silence after which a member is dropped
     * @param conflictInterval how often members of a group that contradict each other are told of in the log
     */
    public record Sessions(Duration channelExpiry, Duration conflictInterval) {
        public Sessions {
            Settings.check("sessions.channelExpiry", channelExpiry);
            Settings.check("sessions.conflictInterval", conflictInterval);
        }
    }

    /**
     * The HTTP port.
     *
     * @param host the address it listens on; not {@code listen.host}, because nobody is asked for a password
     * @param maxBodyBytes largest request body
     * @param maxStreams readers of a topic's stream at once
     */
    public record Http(String host, int port, int maxBodyBytes, int maxStreams) {
        public Http {
            Settings.check("http.host", host);
            Settings.check("http.port", port);
            Settings.check("http.maxBodyBytes", maxBodyBytes);
            Settings.check("http.maxStreams", maxStreams);
        }
    }

    /**
     * What {@code /metrics} on the HTTP port tells.
     *
     * @param enabled whether there is such a page
     * @param series of one metric that are told apart; the rest is summed up
     */
    public record Metrics(boolean enabled, int series) {
        public Metrics {
            Settings.check("metrics.series", series);
        }
    }
}
