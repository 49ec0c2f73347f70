package io.vostok.kit;

import io.vostok.store.StoreEvents;
import io.vostok.store.StoreSettings;
import io.vostok.store.file.SimDisk;
import io.vostok.time.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What every simulated store has: a clock that is moved by hand, a simulated disk, and the lines that it would log. Kits add the rest. */
public class SimStore {
    public static final long NOW = 1_700_000_000_000L;

    public final ManualClock clock = new ManualClock(NOW);
    public final List<String> lines = new ArrayList<>();
    public final StoreEvents events = new StoreEvents() {
        @Override
        public void info(String line) {
            lines.add("INFO " + line);
        }

        @Override
        public void warn(String line) {
            lines.add("WARN " + line);
        }
    };

    /** Of the process that lives. */
    public SimDisk disk = new SimDisk(clock);

    /**
     * Returns settings of a small store that keeps what it has for {@code retention} and looks for that at any hour.
     *
     * @param touchAheadBytes room that housekeeping keeps ahead of the writer
     */
    public static StoreSettings settings(
            int segmentBytes, int queueFileUnits, boolean sync, Duration retention, int touchAheadBytes) {
        return settings(segmentBytes, queueFileUnits, sync, retention, touchAheadBytes, 64, 256);
    }

    /** As {@link #settings(int, int, boolean, Duration, int)}, with so large files of the key index. */
    public static StoreSettings settings(
            int segmentBytes,
            int queueFileUnits,
            boolean sync,
            Duration retention,
            int touchAheadBytes,
            int indexSlots,
            int indexEntries) {
        return new StoreSettings(
                segmentBytes,
                queueFileUnits,
                sync,
                true,
                4096,
                retention,
                -1,
                0.75,
                0.85,
                0.9,
                touchAheadBytes,
                indexSlots,
                indexEntries);
    }
}
