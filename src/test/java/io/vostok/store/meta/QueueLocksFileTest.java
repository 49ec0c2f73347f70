package io.vostok.store.meta;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.store.StoreEvents;
import io.vostok.store.file.SimCrash;
import io.vostok.store.file.SimDisk;
import io.vostok.wire.body.MessageQueue;
import io.vostok.wire.body.QueueLockTable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QueueLocksFileTest {
    private SimDisk disk = new SimDisk();

    @Test
    void knowsOfNoLockBeforeTheFirst() {
        assertThat(requireNonNull(file().load()).locks()).isEmpty();
    }

    @Test
    void readsWhatItWrote() {
        file().save(table("a", "имя клиента \"1\""));

        assertThat(file().load()).isEqualTo(table("a", "имя клиента \"1\""));
        assertThat(new String(requireNonNull(disk.read(QueueLocksFile.PATH)), StandardCharsets.UTF_8))
                .startsWith("{\"locks\":[{\"consumerGroup\":\"g\",\"clientId\":\"a\",\"queue\":{\"brokerName\":\"b\",");
    }

    /** Wherever the process or the machine ends, what was saved before, or what was being saved, is there: never less. */
    @Test
    void neverGoesBackBehindWhatWasSaved() {
        for (int step = 1; step < 40; step++) {
            for (int end = 0; end < 3; end++) {
                disk = new SimDisk();
                file().save(table("old"));
                file().save(table("before"));
                disk.crashAtStep(step);
                try {
                    file().save(table("after"));
                } catch (SimCrash crash) {
                    // The end that is asked for.
                }
                disk = end == 0 ? disk.crashProcess() : disk.powerCut(new Random(end));

                assertThat(file().load()).as("step %d end %d", step, end).isIn(table("before"), table("after"));
            }
        }
    }

    @Test
    void trustsNoBackupOfADamagedFile() {
        file().save(table("a"));
        file().save(table("b"));
        disk.write(QueueLocksFile.PATH, "{\"locks\":[{\"cons".getBytes(StandardCharsets.UTF_8));

        assertThat(file().load()).isNull();

        disk.write(QueueLocksFile.PATH, new byte[0]);
        assertThat(file().load()).isNull();
    }

    private QueueLocksFile file() {
        return new QueueLocksFile(disk, StoreEvents.NONE);
    }

    private static QueueLockTable table(String... clients) {
        return new QueueLockTable(List.of(clients).stream()
                .map(client -> new QueueLockTable.Entry("g", client, new MessageQueue("t", "b", client.length())))
                .toList());
    }
}
