package io.vostok.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Puts the sources of settings together: an argument beats the environment, which beats the file, which beats the default. */
public final class ConfigLoader {
    private static final String PREFIX = "VOSTOK_";

    private ConfigLoader() {}

    /**
     * Reads the configuration.
     *
     * @param file YAML, or null for none
     * @param environment of the process; variables that do not start with {@code VOSTOK_} are left alone, as are those
     *     that Kubernetes makes for a service called "vostok" ({@code VOSTOK_SERVICE_*}, {@code VOSTOK_PORT*})
     * @param arguments texts by setting name
     * @throws ConfigException naming key, value, source and what is allowed
     */
    public static Config load(@Nullable Path file, Map<String, String> environment, Map<String, String> arguments) {
        Map<String, Sourced> found = new HashMap<>();
        if (file != null) found.putAll(YamlFile.read(file));
        putEnvironment(environment, found);
        arguments.forEach((name, text) ->
                found.put(known(name, "--" + name, "argument"), new Sourced(text, "argument --" + name)));
        Map<String, Object> values = new HashMap<>();
        try {
            for (Setting setting : Settings.all()) {
                Sourced sourced = found.get(setting.name());
                if (sourced != null
                        && !(sourced.text().isBlank() && setting.defaultText().isEmpty())) {
                    values.put(setting.name(), setting.parse(sourced.text()));
                } else if (!setting.defaultText().isEmpty()) {
                    values.put(setting.name(), setting.parse(setting.defaultText()));
                }
            }
            return build(new Values(values));
        } catch (ConfigException e) {
            Sourced sourced = found.get(e.key());
            throw e.from(sourced == null ? "default" : sourced.source());
        }
    }

    private static void putEnvironment(Map<String, String> environment, Map<String, Sourced> found) {
        Map<String, String> names = new HashMap<>();
        for (Setting setting : Settings.all()) names.put(setting.environmentName(), setting.name());
        for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
            String name = variable.getKey();
            if (!name.startsWith(PREFIX)
                    || name.startsWith("VOSTOK_SERVICE_")
                    || name.equals("VOSTOK_PORT")
                    || name.startsWith("VOSTOK_PORT_")) {
                continue;
            }
            String setting = names.get(name);
            if (setting == null) {
                throw new ConfigException(
                        name,
                        "is not a setting, was " + variable.getValue() + " (environment); did you mean "
                                + Nearest.to(name, names.keySet()) + "?");
            }
            found.put(setting, new Sourced(variable.getValue(), "environment " + name));
        }
    }

    /**
     * Refuses an argument that is no setting.
     *
     * @throws ConfigException suggesting the nearest name, always
     */
    public static void refuseArgument(String name) {
        String unused = known(name, "--" + name, "argument");
        throw new ConfigException("--" + unused, "must be given once, with a value (argument)");
    }

    /** Returns {@code name} when it is a setting; {@code shown} is how its user wrote it. */
    static String known(String name, String shown, String source) {
        if (Settings.find(name) != null) return name;
        String prefix = shown.startsWith("--") ? "--" : "";
        String nearest =
                Nearest.to(name, Settings.all().stream().map(Setting::name).toList());
        throw new ConfigException(shown, "is not a setting (" + source + "); did you mean " + prefix + nearest + "?");
    }

    private static Config build(Values values) {
        Config.Listen listen = new Config.Listen(values.text("listen.host"), values.flag("listen.proxyProtocol"));
        List<String> words = values.words("role");
        EnumSet<Config.Role> roles = EnumSet.noneOf(Config.Role.class);
        for (String word : words) roles.add(Config.Role.valueOf(word));
        Config.NameServer nameserver = new Config.NameServer(
                values.integer("nameserver.port"),
                values.integer("nameserver.maxBrokers"),
                values.integer("nameserver.maxTopics"),
                values.integer("nameserver.maxKvEntries"));
        return new Config(
                roles,
                listen,
                nameserver,
                broker(values, listen, nameserver, roles.contains(Config.Role.NAMESERVER)),
                store(values),
                new Config.Transaction(
                        values.duration("transaction.timeout"),
                        values.duration("transaction.checkInterval"),
                        values.integer("transaction.checkMax"),
                        values.integer("transaction.maxPending")),
                new Config.Pull(
                        values.duration("pull.holdTime"),
                        values.duration("pull.maxHoldTime"),
                        values.integer("pull.maxMessages"),
                        values.integer("pull.maxBytes"),
                        values.integer("pull.maxHeld"),
                        values.number("pull.recentBytes")),
                new Config.Pop(
                        values.integer("pop.maxInFlight"),
                        values.integer("pop.maxInFlightPerQueue"),
                        values.integer("pop.maxHeld"),
                        values.flag("pop.priorityOrderAsc")),
                limits(values),
                new Config.Tls(
                        Config.TlsMode.valueOf(values.text("tls.mode")),
                        values.pathOrNull("tls.certificateFile"),
                        values.pathOrNull("tls.keyFile"),
                        Config.ClientAuth.valueOf(values.text("tls.clientAuth")),
                        values.pathOrNull("tls.trustFile")),
                new Config.Threads(
                        values.has("threads.eventLoops")
                                ? values.integer("threads.eventLoops")
                                : Math.min(256, Runtime.getRuntime().availableProcessors())),
                new Config.Sessions(
                        values.duration("sessions.channelExpiry"), values.duration("sessions.conflictInterval")),
                new Config.Http(
                        values.text("http.host"),
                        values.integer("http.port"),
                        values.integer("http.maxBodyBytes"),
                        values.integer("http.maxStreams")),
                new Config.Metrics(values.flag("metrics.enabled"), values.integer("metrics.series")));
    }

    private static Config.Broker broker(
            Values values, Config.Listen listen, Config.NameServer nameserver, boolean nameserverHere) {
        int port = values.integer("broker.port");
        List<HostPort> nameservers = List.of();
        if (values.has("broker.nameservers")) {
            nameservers = values.addresses("broker.nameservers");
        } else if (nameserverHere && nameserver.port() > 0) {
            nameservers = List.of(new HostPort(MachineAddress.toReach(listen.host()), nameserver.port()));
        }
        return new Config.Broker(
                values.text("broker.name"),
                values.text("broker.cluster"),
                values.integer("broker.id"),
                port,
                values.has("broker.vipPort") ? values.integer("broker.vipPort") : Math.max(0, port - 2),
                values.has("broker.advertisedHost")
                        ? values.text("broker.advertisedHost")
                        : MachineAddress.toAdvertise(listen.host()),
                nameservers,
                values.duration("broker.registerInterval"),
                values.flag("broker.autoCreateTopics"),
                values.flag("broker.autoCreateGroups"),
                values.integer("broker.defaultTopicQueues"),
                values.integer("broker.permission"),
                values.text("broker.region"),
                values.flag("broker.traceOn"),
                values.integer("broker.maxTopics"),
                values.integer("broker.maxGroups"),
                values.integer("broker.maxQueuesPerTopic"),
                values.durations("broker.delayLevels"),
                values.duration("broker.maxDelay"),
                values.flag("broker.recall"));
    }

    private static Config.Store store(Values values) {
        return new Config.Store(
                values.path("store.path"),
                values.integer("store.segmentBytes"),
                values.integer("store.queueFileUnits"),
                Config.Flush.valueOf(values.text("store.flush")),
                values.duration("store.flushInterval"),
                values.duration("store.syncFlushTimeout"),
                values.duration("store.checkpointInterval"),
                values.flag("store.recordCrc"),
                values.duration("store.repeatWindow"),
                values.integer("store.repeatEntries"),
                values.integer("store.maxMessageBytes"),
                values.duration("store.retention"),
                values.integer("store.deleteHour"),
                values.ratio("store.diskCleanRatio"),
                values.ratio("store.diskForceRatio"),
                values.ratio("store.diskFullRatio"),
                values.integer("store.touchAheadBytes"),
                values.duration("store.offsetsForceInterval"),
                values.integer("store.indexSlots"),
                values.integer("store.indexEntries"),
                values.has("store.mappedQueueFiles")
                        ? values.integer("store.mappedQueueFiles")
                        : MachineMappings.queueFiles());
    }

    private static Config.Limits limits(Values values) {
        return new Config.Limits(
                values.integer("limits.frameBytes"),
                values.integer("limits.connections"),
                values.number("limits.inFlightBytes"),
                values.duration("limits.flushLag"),
                values.number("limits.unflushedBytes"),
                values.duration("limits.appendStall"),
                values.rates("limits.topicRates"),
                values.rates("limits.groupRates"),
                values.duration("limits.unfinishedFrameTime"),
                values.integer("limits.headerFields"),
                values.duration("limits.idleTime"),
                values.integer("limits.writeBufferBytes"),
                values.number("limits.untakenBytes"));
    }

    /** A setting's text and where it stands. */
    record Sourced(String text, String source) {}

    /** The parsed values by name, each of the type that its row tells. */
    private record Values(Map<String, Object> byName) {
        boolean has(String name) {
            return byName.containsKey(name);
        }

        private Object get(String name) {
            Object value = byName.get(name);
            if (value == null) throw new IllegalStateException("no value and no default: " + name);
            return value;
        }

        String text(String name) {
            return (String) get(name);
        }

        Path path(String name) {
            return (Path) get(name);
        }

        @Nullable
        Path pathOrNull(String name) {
            return (Path) byName.get(name);
        }

        long number(String name) {
            return (Long) get(name);
        }

        int integer(String name) {
            return Math.toIntExact(number(name));
        }

        Duration duration(String name) {
            return (Duration) get(name);
        }

        double ratio(String name) {
            return (Double) get(name);
        }

        boolean flag(String name) {
            return (Boolean) get(name);
        }

        @SuppressWarnings("unchecked") // CHOICES parse to a list of strings
        List<String> words(String name) {
            return (List<String>) get(name);
        }

        @SuppressWarnings("unchecked") // DURATIONS parse to a list of Duration
        List<Duration> durations(String name) {
            return (List<Duration>) get(name);
        }

        @SuppressWarnings("unchecked") // RATES parse to a map of Long
        Map<String, Long> rates(String name) {
            return (Map<String, Long>) get(name);
        }

        @SuppressWarnings("unchecked") // ADDRESSES parse to a list of HostPort
        List<HostPort> addresses(String name) {
            return (List<HostPort>) get(name);
        }
    }
}
