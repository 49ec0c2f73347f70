package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.broker.admin.AdminSettings;
import io.vostok.metrics.Rates;
import io.vostok.metrics.Traffic;
import io.vostok.wire.body.DelayOffsetTable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The broker as a whole, for administrators; see {@link BrokerAdmin} for threads and failures. */
public interface StatusAdmin {
    /** What is counted. */
    enum Measure {
        /** Messages stored, by topic. */
        PUT,
        /** Messages given to a group, by topic and group. */
        GET,
        /** Messages a group failed on, by topic and group. */
        SENT_BACK
    }

    /** Returns how the broker and its store are now. May read the disk's state. */
    Future<BrokerStatus> status();

    /** Returns the settings as they are now. */
    AdminSettings settings();

    /** Changes settings of the running broker, all of them or none; they hold until it stops. */
    Future<Void> change(Map<String, String> settings);

    /**
     * Returns the rates of one topic or of a topic and group, or null when nothing was counted of it.
     *
     * @param topic empty for everything
     * @param group empty for none
     */
    @Nullable
    Rates rates(Measure measure, String topic, String group);

    /** Returns everything that is counted. */
    Traffic traffic();

    /** Deletes what of the log is too old or too much now, at any hour. */
    Future<Void> cleanLog();

    /** Deletes queue files that point to nothing any more. */
    Future<Void> cleanQueues();

    /** Returns how far each delay level has been delivered. */
    Future<DelayOffsetTable> delayOffsets();
}
