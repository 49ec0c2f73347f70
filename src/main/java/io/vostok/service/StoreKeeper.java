package io.vostok.service;

import io.vertx.core.Future;
import java.time.Duration;

/** Work on the store's files that administrators ask for; done on the housekeeping thread. Any thread may ask. */
public interface StoreKeeper {
    /** Deletes what of the log is too old or too much, at any hour. */
    Future<Void> cleanLog();

    /** Deletes queue files that point to nothing any more. */
    Future<Void> cleanQueues();

    /** Takes other settings of retention. */
    Future<Void> retention(Duration retention, int deleteHour);
}
