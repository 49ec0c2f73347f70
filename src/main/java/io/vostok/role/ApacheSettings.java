package io.vostok.role;

import io.vostok.broker.admin.AdminSettings;
import io.vostok.broker.admin.LiveSettings;
import io.vostok.config.Config;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** A broker's configuration under the names that Apache's tools know. */
final class ApacheSettings {
    private ApacheSettings() {}

    /** Nothing secret and no command is among them. */
    static AdminSettings of(Config config) {
        Config.Broker own = config.broker();
        Config.Store storing = config.store();
        Map<String, String> fixed = new HashMap<>();
        fixed.put("brokerClusterName", own.cluster());
        fixed.put("brokerName", own.name());
        fixed.put("brokerId", Long.toString(own.id()));
        fixed.put("brokerRole", "ASYNC_MASTER");
        fixed.put("brokerIP1", own.advertisedHost());
        fixed.put("listenPort", Integer.toString(own.port()));
        fixed.put(
                "namesrvAddr", own.nameservers().stream().map(Object::toString).collect(Collectors.joining(";")));
        fixed.put(
                "registerNameServerPeriod", Long.toString(own.registerInterval().toMillis()));
        fixed.put("defaultTopicQueueNums", Integer.toString(own.defaultTopicQueues()));
        fixed.put("regionId", own.region());
        fixed.put("traceTopicEnable", "true");
        fixed.put("msgTraceTopicName", "RMQ_SYS_TRACE_TOPIC");
        fixed.put("enablePropertyFilter", "true");
        fixed.put("useServerSideResetOffset", "true");
        fixed.put("slaveReadEnable", "false");
        fixed.put("priorityOrderAsc", Boolean.toString(config.pop().priorityOrderAsc()));
        fixed.put("useTLS", Boolean.toString(config.tls().mode() != Config.TlsMode.DISABLED));
        fixed.put(
                "messageDelayLevel",
                own.delayLevels().stream().map(ApacheSettings::text).collect(Collectors.joining(" ")));
        fixed.put("storePathRootDir", storing.path().toString());
        fixed.put("mappedFileSizeCommitLog", Integer.toString(storing.segmentBytes()));
        fixed.put("mappedFileSizeConsumeQueue", Integer.toString(storing.queueFileUnits() * 20));
        fixed.put("flushDiskType", storing.flush() == Config.Flush.SYNC ? "SYNC_FLUSH" : "ASYNC_FLUSH");
        fixed.put(
                "flushIntervalCommitLog", Long.toString(storing.flushInterval().toMillis()));
        fixed.put("maxMessageSize", Integer.toString(storing.maxMessageBytes()));
        fixed.put("diskMaxUsedSpaceRatio", Long.toString(Math.round(storing.diskCleanRatio() * 100)));
        LiveSettings live = new LiveSettings(
                own.permission(),
                own.autoCreateTopics(),
                own.autoCreateGroups(),
                own.traceOn(),
                storing.retention(),
                storing.deleteHour());
        return new AdminSettings(live, fixed);
    }

    private static String text(Duration level) {
        long seconds = level.toSeconds();
        if (seconds % 3_600 == 0) return seconds / 3_600 + "h";
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }
}
