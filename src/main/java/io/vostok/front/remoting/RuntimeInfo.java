package io.vostok.front.remoting;

import io.vostok.metrics.Durations;
import io.vostok.metrics.Meter;
import io.vostok.metrics.Traffic;
import io.vostok.service.BrokerStatus;
import io.vostok.time.Clock;
import io.vostok.wire.frame.FrameBuilder;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A broker's status as Apache's tools and dashboards read it: texts by Apache's names (remoting reference 14.3).
 *
 * <p>Thread pools that do not exist here count as empty ones. Names of parts that are not built (transient store pool) are
 * left out, which tools show as absent.
 */
final class RuntimeInfo {
    private static final long[] DISTRIBUTION_MILLIS = {
        0, 1, 10, 50, 100, 200, 500, 1_000, 2_000, 3_000, 4_000, 5_000, 10_000, Long.MAX_VALUE / 1_000
    };
    private static final String[] DISTRIBUTION_NAMES = {
        "<=0ms",
        "0~10ms",
        "10~50ms",
        "50~100ms",
        "100~200ms",
        "200~500ms",
        "500ms~1s",
        "1~2s",
        "2~3s",
        "3~4s",
        "4~5s",
        "5~10s",
        "10s~"
    };
    private static final String[] POOLS = {"send", "pull", "litePull", "query", "ack"};

    private final Clock clock;

    RuntimeInfo(Clock clock) {
        this.clock = clock;
    }

    Map<String, String> of(BrokerStatus status, Traffic traffic) {
        Map<String, String> info = new TreeMap<>();
        info.put("brokerVersionDesc", "V5_5_0");
        info.put("brokerVersion", Integer.toString(FrameBuilder.VERSION));
        info.put("brokerActive", Boolean.toString(status.writable()));
        info.put("bootTimestamp", Long.toString(status.startedMillis()));
        info.put("startAcceptSendRequestTimeStamp", Long.toString(status.startedMillis()));
        info.put("runtime", runtime(status.nowMillis() - status.startedMillis()));
        store(status, info);
        traffic(traffic, info);
        for (BrokerStatus.DelayLevelStatus level : status.delayLevels()) {
            info.put("scheduleMessageOffset_" + level.level(), level.delivered() + "," + level.stored());
        }
        for (String pool : POOLS) {
            info.put(pool + "ThreadPoolQueueSize", "0");
            info.put(pool + "ThreadPoolQueueCapacity", "0");
            info.put(pool + "ThreadPoolQueueHeadWaitTimeMills", "0");
        }
        info.put("EndTransactionQueueSize", "0");
        info.put("EndTransactionThreadPoolQueueCapacity", "0");
        return info;
    }

    private static void store(BrokerStatus status, Map<String, String> info) {
        info.put("commitLogMinOffset", Long.toString(status.logFirst()));
        info.put("commitLogMaxOffset", Long.toString(status.logEnd()));
        info.put("commitLogDiskRatio", decimal(status.diskUsed()));
        info.put("consumeQueueDiskRatio", decimal(status.diskUsed()));
        double total = status.diskUsed() >= 1 ? 0 : status.diskFreeBytes() / (1 - status.diskUsed());
        info.put(
                "commitLogDirCapacity",
                "Total : " + gib(total) + ", Free : " + gib((double) status.diskFreeBytes()) + ".");
        info.put("earliestMessageTimeStamp", Long.toString(status.earliestMillis()));
        info.put("dispatchBehindBytes", Long.toString(status.undispatchedBytes()));
        info.put("remainHowManyDataToFlush", status.unflushedBytes() + " B");
        info.put("pageCacheLockTimeMills", "0");
    }

    private void traffic(Traffic traffic, Map<String, String> info) {
        info.put("putTps", rates(traffic.puts()));
        info.put("getTransferredTps", rates(traffic.gets()));
        info.put("getFoundTps", rates(traffic.found()));
        info.put("getMissTps", rates(traffic.missed()));
        info.put("getTotalTps", rates(traffic.found(), traffic.missed()));
        Meter.Total puts = traffic.puts().total();
        info.put("msgPutTotalTodayNow", Long.toString(puts.messages()));
        info.put("msgPutTotalTodayMorning", Long.toString(traffic.putDays().todayMorning()));
        info.put("msgPutTotalYesterdayMorning", Long.toString(traffic.putDays().yesterdayMorning()));
        info.put("msgGetTotalTodayNow", Long.toString(traffic.gets().total().messages()));
        info.put("msgGetTotalTodayMorning", Long.toString(traffic.getDays().todayMorning()));
        info.put("msgGetTotalYesterdayMorning", Long.toString(traffic.getDays().yesterdayMorning()));
        info.put("putMessageTimesTotal", Long.toString(puts.messages()));
        info.put("putMessageSizeTotal", Long.toString(puts.bytes()));
        info.put("putMessageAverageSize", decimal(puts.messages() == 0 ? 0 : (double) puts.bytes() / puts.messages()));
        Durations appends = traffic.appends();
        info.put("putMessageEntireTimeMax", Long.toString(Math.round(appends.longestMillis())));
        info.put("putMessageDistributeTime", distribution(appends));
        info.put("putLatency99", decimal(appends.quantileMillis(0.99)));
        info.put("putLatency999", decimal(appends.quantileMillis(0.999)));
    }

    /** Three numbers with one space between: what the meters together did in the last 10, 60 and 600 seconds. */
    private String rates(Meter... meters) {
        long now = clock.monotonicNanos();
        StringBuilder text = new StringBuilder();
        for (int seconds : new int[] {10, 60, 600}) {
            double perSecond = 0;
            for (Meter meter : meters) perSecond += meter.lately(seconds, now).perSecond();
            if (!text.isEmpty()) text.append(' ');
            text.append(decimal(perSecond));
        }
        return text.toString();
    }

    private static String distribution(Durations appends) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < DISTRIBUTION_NAMES.length; i++) {
            text.append('[').append(DISTRIBUTION_NAMES[i]).append("]:");
            text.append(appends.between(DISTRIBUTION_MILLIS[i], DISTRIBUTION_MILLIS[i + 1]));
            if (i < DISTRIBUTION_NAMES.length - 1) text.append(' ');
        }
        return text.toString();
    }

    private static String runtime(long millis) {
        long seconds = Math.max(0, millis) / 1_000;
        return "[ " + seconds / 86_400 + " days, " + seconds / 3_600 % 24 + " hours, " + seconds / 60 % 60
                + " minutes, " + seconds % 60 + " seconds ]";
    }

    private static String gib(double bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / (1L << 30));
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
