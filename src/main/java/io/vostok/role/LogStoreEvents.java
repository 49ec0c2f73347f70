package io.vostok.role;

import io.vostok.store.StoreEvents;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what the store tells its operator to the log. */
final class LogStoreEvents implements StoreEvents {
    private static final Logger LOG = LoggerFactory.getLogger("io.vostok.store");

    @Override
    public void info(String line) {
        LOG.info("{}", line);
    }

    @Override
    public void warn(String line) {
        LOG.warn("{}", line);
    }
}
