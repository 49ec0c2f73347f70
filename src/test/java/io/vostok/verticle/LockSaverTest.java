package io.vostok.verticle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vostok.broker.session.QueueLocks;
import io.vostok.kit.Await;
import io.vostok.store.StoreEvents;
import io.vostok.store.file.SimDisk;
import io.vostok.store.meta.QueueLocksFile;
import io.vostok.time.ManualClock;
import io.vostok.wire.body.MessageQueue;
import io.vostok.wire.body.QueueLockTable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LockSaverTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();
    private final SimDisk disk = new SimDisk();
    private final QueueLocksFile file = new QueueLocksFile(disk, StoreEvents.NONE);
    private final QueueLocks locks = new QueueLocks(100);
    private final LockSaver saver = new LockSaver(vertx, locks, file, new ManualClock(0));
    /** What the disk held when each answer was given. */
    private final List<List<QueueLockTable.Entry>> answered = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void answersALockWhenItIsDurableAlsoWhenManyCome() {
        for (int i = 0; i < 50; i++) {
            int queue = i;
            loop.runOnContext(now -> lock("c" + queue, queue));
        }
        Await.until("all are answered", SOON, () -> answered.size() == 50);

        for (int i = 0; i < 50; i++) assertThat(answered.get(i)).contains(entry("c" + i, i));
    }

    @Test
    void answersARefreshWithoutWriting() {
        loop.runOnContext(now -> lock("c", 1));
        Await.until("it is answered", SOON, () -> answered.size() == 1);
        long steps = disk.steps();

        loop.runOnContext(now -> lock("c", 1));

        Await.until("it is answered", SOON, () -> answered.size() == 2);
        assertThat(disk.steps()).isEqualTo(steps);
    }

    @Test
    void goesOnAnsweringWhenTheDiskTakesNoFilesAndWritesWhenItDoesAgain() {
        disk.readOnly(true);
        loop.runOnContext(now -> lock("c", 1));
        Await.until("it is answered", SOON, () -> answered.size() == 1);
        assertThat(answered.get(0)).isEmpty();
        disk.readOnly(false);

        loop.runOnContext(now -> lock("c", 1));

        Await.until("it is answered", SOON, () -> answered.size() == 2);
        assertThat(answered.get(1)).containsExactly(entry("c", 1));
    }

    private void lock(String client, int queue) {
        locks.lock("g", client, List.of(new MessageQueue("t", "b", queue)), 0);
        saver.whenSaved(() -> answered.add(requireNonNull(file.load()).locks()));
    }

    private static QueueLockTable.Entry entry(String client, int queue) {
        return new QueueLockTable.Entry("g", client, new MessageQueue("t", "b", queue));
    }
}
