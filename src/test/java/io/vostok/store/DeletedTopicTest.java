package io.vostok.store;

import static io.vostok.store.StoreKit.queue;
import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.model.QueueId;
import io.vostok.wire.body.DeletedTopicTable;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A deleted topic stays deleted, whatever happens to the store, and one created anew under its name starts empty. */
class DeletedTopicTest {
    private static final QueueId GONE = queue("gone", 0);
    private static final QueueId SECOND = queue("gone", 1);
    private static final QueueId KEPT = queue("kept", 0);

    private final StoreKit kit = new StoreKit();

    private void delete() {
        long before = kit.store.log().forget(GONE.topic());
        kit.store.housekeeping().deleteTopic(GONE.topic(), before);
    }

    private void fill() {
        for (int i = 0; i < 40; i++) {
            kit.append(GONE, "old " + i);
            kit.append(SECOND, "old too " + i);
            kit.append(KEPT, "kept " + i);
        }
    }

    private void assertOnlyTheNewLife() {
        assertThat(kit.bodies(GONE)).containsExactly("new 0", "new 1");
        assertThat(kit.bodies(SECOND)).isEmpty();
        assertThat(kit.bodies(KEPT)).hasSize(40).startsWith("kept 0").doesNotContain("-");
    }

    private void deleteQueues() {
        for (String topic : kit.disk.folders("consumequeue")) {
            for (String index : kit.disk.folders("consumequeue/" + topic)) {
                String folder = "consumequeue/" + topic + "/" + index;
                for (String file : kit.disk.files(folder)) kit.disk.delete(folder + "/" + file);
                kit.disk.delete(folder);
            }
        }
    }

    private void beginNewLife() {
        assertThat(kit.append(GONE, "new 0").queueOffset()).isZero();
        assertThat(kit.append(GONE, "new 1").queueOffset()).isEqualTo(1);
        kit.dispatch();
    }

    @Test
    void startsAnewAtOffsetZero() {
        fill();
        kit.dispatch();
        delete();
        assertThat(kit.store.queues().find(GONE)).isNull();
        assertThat(kit.disk.folders("consumequeue")).containsExactly("kept");

        beginNewLife();

        assertOnlyTheNewLife();
    }

    @Test
    void passesOverRecordsThatWereNotYetDispatched() {
        fill();
        delete();

        beginNewLife();

        assertOnlyTheNewLife();
    }

    @Test
    void staysDeletedWhenKilled() {
        fill();
        kit.dispatch();
        delete();
        kit.killAndReopen();
        assertThat(kit.bodies(GONE)).isEmpty();

        beginNewLife();
        kit.killAndReopen();

        assertOnlyTheNewLife();
    }

    @Test
    void staysDeletedWhenThePowerIsCut() {
        fill();
        kit.dispatch();
        kit.store.flusher().flush();
        delete();
        beginNewLife();
        kit.store.flusher().flush();

        kit.cutPowerAndReopen(new Random(5));

        assertOnlyTheNewLife();
    }

    /** The log that comes back is shorter than where it said it ended when the topic was deleted. */
    @Test
    void losesNothingOfTheNewLifeWhenThePowerCutTookTheEndOfTheLog() {
        kit.append(KEPT, "kept");
        kit.store.flusher().flush();
        fill();
        kit.dispatch();
        delete();
        kit.cutPowerAndReopen(new Random(5));
        long end = kit.store.watermarks().appended();

        beginNewLife();
        for (int i = 2; i < 60; i++) kit.append(GONE, "new " + i);
        kit.store.flusher().flush();
        kit.killAndReopen();

        assertThat(end).as("the power cut took something").isLessThan(80L * 100);
        assertThat(kit.bodies(GONE)).hasSize(60).startsWith("new 0", "new 1").doesNotContain("-");
        assertThat(kit.bodies(SECOND)).isEmpty();
    }

    @Test
    void findsNoDeletedMessageByItsKey() {
        kit.append(GONE, "old", "KEYS\u0001k\u0002", 0);
        kit.dispatch();
        delete();
        kit.append(GONE, "new", "KEYS\u0001k\u0002", 0);
        kit.dispatch();
        kit.store.housekeeping().makeIndexRoom(StoreKit.NOW);
        kit.dispatch();

        assertThat(kit.store
                        .keys()
                        .find("gone", "k", KeyReader.Kind.WORD, 0, Long.MAX_VALUE, 10, 1 << 20)
                        .records())
                .hasSize(1);
    }

    @Test
    void keepsANewLifeThatEndsWithADamagedMessage() {
        fill();
        kit.dispatch();
        delete();
        beginNewLife();
        Stored last = kit.append(GONE, "broken soon");
        kit.append(KEPT, "behind it");
        kit.dispatch();
        kit.store.flusher().flush();
        kit.store.flusher().checkpoint();
        kit.disk = kit.disk.crashProcess();
        deleteQueues();
        long segment = last.position() / StoreKit.SEGMENT * StoreKit.SEGMENT;
        kit.disk.flipBit("commitlog/" + LogFiles.name(segment), (last.position() - segment + 92) * 8);
        kit.open();
        kit.reopen();

        assertThat(kit.bodies(GONE)).containsExactly("new 0", "new 1", "-");
    }

    @Test
    void staysDeletedWhenAllQueuesAreDerivedAnew() {
        fill();
        kit.dispatch();
        delete();
        beginNewLife();
        kit.store.close();
        deleteQueues();

        kit.open();

        assertOnlyTheNewLife();
    }

    @Test
    void finishesADeletionThatACrashCutShort() {
        fill();
        kit.dispatch();
        long end = kit.store.watermarks().appended();
        kit.disk.replace("config/deletedTopics.json", new DeletedTopicTable(Map.of("gone", end)).write());

        kit.killAndReopen();
        beginNewLife();

        assertOnlyTheNewLife();
    }

    @Test
    void canBeDeletedAgainAndAgain() {
        for (int life = 0; life < 3; life++) {
            assertThat(kit.append(GONE, "life " + life).queueOffset()).isZero();
            kit.dispatch();
            assertThat(kit.bodies(GONE)).containsExactly("life " + life);
            delete();
        }
        kit.reopen();
        assertThat(kit.bodies(GONE)).isEmpty();
    }

    @Test
    void startsWithoutItsFileButSaysSo() {
        fill();
        kit.dispatch();
        delete();
        kit.store.close();
        kit.disk.replace("config/deletedTopics.json", "{broken".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        kit.disk.replace("config/deletedTopics.json", "{broken".getBytes(java.nio.charset.StandardCharsets.UTF_8));

        kit.open();

        assertThat(kit.lines).anyMatch(line -> line.contains("deleted topics not known"));
        assertThat(kit.bodies(KEPT)).hasSize(40);
    }
}
