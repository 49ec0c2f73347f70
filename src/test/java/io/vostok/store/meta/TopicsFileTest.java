package io.vostok.store.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.model.DataVersion;
import io.vostok.model.Permission;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.store.StoreEvents;
import io.vostok.store.StoreException;
import io.vostok.store.file.SimCrash;
import io.vostok.store.file.SimDisk;
import io.vostok.wire.body.TopicConfigTable;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TopicsFileTest {
    private static final String PATH = "config/topics.json";

    private SimDisk disk = new SimDisk();

    @Test
    void hasNothingInANewStore() {
        assertThat(file().load()).isNull();
    }

    @Test
    void givesBackWhatWasSaved() {
        file().save(table(8));

        assertThat(queues(file().load())).isEqualTo(8);
    }

    @Test
    void readsTheBackupWhenTheFileIsDamagedAndKeepsItOverTheNextSave() {
        file().save(table(1));
        file().save(table(2));
        disk.truncate(PATH, 10);

        assertThat(queues(file().load())).isEqualTo(1);

        for (int step = 1; ; step++) {
            SimDisk before = copyOfDamaged();
            disk = before;
            queues(file().load());
            before.crashAtStep(step);
            boolean done = completes(() -> file().save(table(3)));
            disk = before.powerCut(new Random(step));
            assertThat(queues(file().load())).isIn(1, 3);
            if (done) return;
        }
    }

    @Test
    void readsTheBackupWhenApacheStoppedBetweenItsTwoSteps() {
        file().save(table(1));
        file().save(table(2));
        disk.delete(PATH);

        assertThat(queues(file().load())).isEqualTo(1);
    }

    @Test
    void refusesToStartEmptyWhenBothCopiesAreDamaged() {
        file().save(table(1));
        file().save(table(2));
        disk.truncate(PATH, 0);
        disk.truncate(PATH + ".bak", 3);

        assertThatThrownBy(() -> file().load())
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(PATH)
                .hasMessageContaining("put back");
    }

    @Test
    void isOldOrNewAtEveryStepOfASave() {
        for (int step = 1; ; step++) {
            disk = new SimDisk();
            file().save(table(1));
            file().save(table(2));
            disk.crashAtStep(step);
            boolean done = completes(() -> file().save(table(3)));
            disk = disk.powerCut(new Random(step));

            assertThat(queues(file().load())).as("step " + step).isIn(2, 3);
            if (done) return;
        }
    }

    private SimDisk copyOfDamaged() {
        SimDisk copy = new SimDisk();
        disk = copy;
        file().save(table(1));
        file().save(table(2));
        copy.truncate(PATH, 10);
        return copy;
    }

    private static boolean completes(Runnable work) {
        try {
            work.run();
            return true;
        } catch (SimCrash crash) {
            return false;
        }
    }

    private TopicsFile file() {
        return new TopicsFile(disk, StoreEvents.NONE);
    }

    private static int queues(@Nullable TopicConfigTable table) {
        if (table == null) throw new AssertionError("no table");
        return table.topics().values().iterator().next().readQueues();
    }

    private static TopicConfigTable table(int queues) {
        TopicName name = new TopicName("orders");
        return new TopicConfigTable(
                Map.of(name, Topic.of(name, queues, Permission.READ_WRITE)),
                new DataVersion(0, 1_700_000_000_000L, queues),
                List.of());
    }
}
