package io.vostok.store;

import static io.vostok.store.StoreKit.queue;
import static io.vostok.store.StoreKit.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.model.QueueId;
import io.vostok.model.SysFlag;
import io.vostok.store.StoreException.Kind;
import io.vostok.store.file.SimCrash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageStoreTest {
    private static final QueueId A = queue("a", 0);
    private static final QueueId B = queue("b", 3);

    private final StoreKit kit = new StoreKit();

    @Test
    void showsWhatWasAppendedAndDispatched() {
        Stored first = kit.append(A, "one");
        Stored second = kit.append(B, "two");
        Stored third = kit.append(A, "three");
        assertThat(kit.bodies(A)).isEmpty();

        kit.dispatch();

        assertThat(kit.bodies(A)).containsExactly("one", "three");
        assertThat(kit.bodies(B)).containsExactly("two");
        assertThat(first.queueOffset()).isZero();
        assertThat(third.queueOffset()).isEqualTo(1);
        assertThat(second.position()).isEqualTo(first.endPosition());
        assertThat(kit.store.watermarks().dispatched()).isEqualTo(third.endPosition());
    }

    @Test
    void keepsOrderAcrossSegmentsAndCleanReopen() {
        List<String> bodies = fill(A, 60, 700);
        kit.dispatch();
        assertThat(kit.disk.files("commitlog").size()).isGreaterThan(3);

        kit.reopen();

        assertThat(kit.bodies(A)).isEqualTo(bodies);
        assertThat(kit.lines).anyMatch(line -> line.contains("stop=clean") && line.contains(" records=0 "));
        assertThat(kit.append(A, "next").queueOffset()).isEqualTo(60);
    }

    @Test
    void keepsEverythingAppendedWhenKilled() {
        List<String> bodies = fill(A, 30, 700);
        kit.killAndReopen();
        assertThat(kit.bodies(A)).isEqualTo(bodies);
        assertThat(kit.append(A, "next").queueOffset()).isEqualTo(30);
    }

    @Test
    void keepsWhatWasFlushedWhenThePowerIsCut() {
        List<String> flushed = fill(A, 10, 700);
        kit.store.flusher().flush();
        fill(A, 10, 700);
        kit.dispatch();
        kit.cutPowerAndReopen(new Random(7));
        assertThat(kit.bodies(A)).startsWith(flushed.toArray(String[]::new));
    }

    @Test
    void appendsABatchWholeIntoOneSegment() {
        fill(A, 10, 700);
        Stored batch = kit.appendBatch(A, text(1, 700), text(2, 700), text(3, 700));
        kit.dispatch();
        assertThat(batch.position() / StoreKit.SEGMENT).isEqualTo((batch.endPosition() - 1) / StoreKit.SEGMENT);
        assertThat(kit.body(A, batch.queueOffset() + 2)).isEqualTo(text(3, 700));
    }

    @Test
    void appendsRecordsOfSeveralQueuesAtOnce() {
        kit.append(B, "before");
        Stored stored = kit.appendEach(List.of(A, B, A), "one", "two", "three");
        kit.append(A, "after");
        kit.dispatch();
        assertThat(stored.queueOffset()).isZero();
        assertThat(kit.bodies(A)).containsExactly("one", "three", "after");
        assertThat(kit.bodies(B)).containsExactly("before", "two");
    }

    @Test
    void keepsRecordsOfSeveralQueuesInOneSegment() {
        fill(A, 10, 700);
        Stored stored = kit.appendEach(List.of(A, B), text(1, 1500), text(2, 1500));
        assertThat(stored.position() / StoreKit.SEGMENT).isEqualTo((stored.endPosition() - 1) / StoreKit.SEGMENT);
        kit.killAndReopen();
        assertThat(kit.body(B, 0)).isEqualTo(text(2, 1500));
    }

    @Test
    void showsAllRecordsOfSeveralQueuesOrNoneWhereverTheProcessIsKilled() {
        int whole = 0;
        int none = 0;
        for (int step = 1; whole == 0; step++) {
            StoreKit each = new StoreKit();
            each.append(A, "before");
            each.disk.crashAtStep(step);
            try {
                each.appendEach(List.of(A, B), "message", "mark");
            } catch (SimCrash killed) {
                // that is what this test is about
            }
            each.disk.crashAtStep(Long.MAX_VALUE / 2);
            each.killAndReopen();
            List<String> a = each.bodies(A);
            List<String> b = each.bodies(B);
            if (b.isEmpty()) {
                assertThat(a).containsExactly("before");
                none++;
            } else {
                assertThat(a).containsExactly("before", "message");
                assertThat(b).containsExactly("mark");
                whole++;
            }
            assertThat(each.append(A, "next").queueOffset()).isEqualTo(a.size());
            assertThat(each.append(B, "next").queueOffset()).isEqualTo(b.size());
        }
        assertThat(none)
                .as("killed before the first and before the last write of the append")
                .isGreaterThan(1);
    }

    @Test
    void usesNoOffsetWhenRecordsOfSeveralQueuesAreRefused() {
        kit.append(A, "one");
        kit.disk.failNextForce("commitlog/00000000000000000000");
        assertThatThrownBy(() -> kit.store.flusher().flush()).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> kit.appendEach(List.of(A, B), "message", "mark"))
                .isInstanceOf(StoreException.class);
        kit.killAndReopen();
        assertThat(kit.append(A, "two").queueOffset()).isEqualTo(1);
        assertThat(kit.append(B, "first").queueOffset()).isZero();
    }

    @Test
    void refusesMoreThanASegmentTakes() {
        assertThatThrownBy(() -> kit.append(A, text(1, StoreKit.SEGMENT)))
                .isInstanceOfSatisfying(
                        StoreException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(StoreException.Kind.TOO_LARGE))
                .hasMessageContaining("store.segmentBytes");
        assertThat(kit.append(A, "small").queueOffset()).isZero();
    }

    @Test
    void hidesPreparedAndRolledBackRecordsAndGivesThemNoOffset() {
        kit.append(A, "half", "", SysFlag.TRANSACTION_PREPARED);
        kit.append(A, "back", "", SysFlag.TRANSACTION_MASK);
        assertThat(kit.append(A, "shown", "", SysFlag.TRANSACTION_COMMIT).queueOffset())
                .isZero();
        kit.dispatch();
        assertThat(kit.bodies(A)).containsExactly("shown");
    }

    @Test
    void neverLetsTheStoreTimeGoBack() {
        long before = kit.append(A, "one").storeMillis();
        kit.clock.stepWall(Duration.ofHours(-2));
        assertThat(kit.append(A, "two").storeMillis()).isEqualTo(before);
        kit.reopen();
        assertThat(kit.append(A, "three").storeMillis()).isEqualTo(before);
    }

    @Test
    void showsOnlyFlushedRecordsWithSyncFlush() {
        StoreKit sync = new StoreKit();
        sync.store.close();
        sync.settings = StoreKit.settings(true);
        sync.open();
        sync.append(A, "one");
        sync.dispatch();
        assertThat(sync.bodies(A)).isEmpty();
        sync.store.flusher().flush();
        sync.dispatch();
        assertThat(sync.bodies(A)).containsExactly("one");
    }

    @Test
    void putsTheHashOfTheTagIntoTheUnit() {
        List<Long> codes = new ArrayList<>();
        kit.append(A, "x", "TAGS\1blue\2TAGS\1green\2", 0);
        kit.append(A, "x", "KEYS\1TAGS\2", 0);
        kit.append(A, "x", "TAGS\1gr\u00fcn", 0);
        kit.store.dispatcher().dispatch(10, (queue, next, code) -> codes.add(code));
        assertThat(codes).containsExactly((long) "green".hashCode(), 0L, (long) "gr\u00fcn".hashCode());
    }

    @Test
    void putsTheDeliverTimeIntoTheUnitOfTheScheduleTopic() {
        List<Long> codes = new ArrayList<>();
        QueueId level3 = queue("SCHEDULE_TOPIC_XXXX", 2);
        kit.append(level3, "x", "DELAY\0013\2", 0);
        kit.append(level3, "x", "DELAY\00199\2", 0);
        kit.store.dispatcher().dispatch(10, (queue, next, code) -> codes.add(code));
        assertThat(codes).containsExactly(StoreKit.NOW + 10_000, StoreKit.NOW + 7_200_000);
    }

    @Test
    void poisonsTheStoreForGoodWhenAForceFails() {
        kit.append(A, "one");
        kit.disk.failNextForce("commitlog/00000000000000000000");
        assertThatThrownBy(() -> kit.store.flusher().flush())
                .isInstanceOf(StoreException.class)
                .satisfies(e -> assertThat(((StoreException) e).kind()).isEqualTo(Kind.POISONED));
        assertThatThrownBy(() -> kit.store.flusher().flush()).isInstanceOf(StoreException.class);
        kit.store.housekeeping().makeRoom();
        assertThat(kit.refusal().kind()).isEqualTo(Kind.POISONED);
        assertThat(kit.store.watermarks().flushed()).isZero();
        assertThatThrownBy(() -> kit.append(A, "two")).isInstanceOf(StoreException.class);
        kit.dispatch();
        assertThat(kit.bodies(A)).containsExactly("one");
    }

    @Test
    void writesRecordsOfAFailedForceAgainAlsoOnAFullDisk() {
        kit.store.close();
        kit.settings = StoreKit.settings(false, 4096); // the first page only
        kit.open();
        kit.disk.fillUp(1 << 20); // too little for a reserve
        kit.append(A, "one");
        kit.dispatch();
        kit.store.flusher().flush();
        kit.store.flusher().checkpoint();
        kit.store.log().append(A, StoreKit.record(A, "two", "", 0), 1, StoreKit.NOW);
        kit.disk.failNextForce(LogFiles.path(0));
        assertThatThrownBy(() -> kit.store.flusher().flush()).isInstanceOf(StoreException.class);
        kit.disk = kit.disk.crashProcess();
        kit.disk.fillUp(4096);
        kit.open();
        assertThat(kit.refusal().kind()).isEqualTo(Kind.DISK_FULL);
        assertThat(kit.bodies(A)).containsExactly("one", "two");
        kit.disk.fillUp(1 << 24);

        kit.cutPowerAndReopen(() -> 0);

        assertThat(kit.bodies(A)).containsExactly("one", "two");
    }

    @Test
    void refusesAppendsOnAFullDiskAndTakesThemAgainWhenThereIsRoom() {
        fill(A, 5, 700);
        kit.dispatch();
        kit.disk.fillUp(0);
        int taken = 0;
        while (taken < 100 && appended(text(taken, 700))) taken++;
        assertThat(kit.refusal().kind()).isEqualTo(Kind.DISK_FULL);
        kit.dispatch();
        assertThat(kit.bodies(A)).hasSize(5 + taken);

        kit.disk.fillUp(1 << 20);
        kit.store.housekeeping().makeRoom();
        assertThat(kit.store.log().refusal()).isNull();
        assertThat(kit.append(A, "again").queueOffset()).isEqualTo(5 + taken);
    }

    @Test
    void refusesAppendsAboveTheFullRatioOfTheDisk() {
        kit.disk.pretendUsedRatio(0.95);
        assertThatThrownBy(() -> kit.append(A, "one"))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("95 %");
        kit.disk.pretendUsedRatio(0.5);
        assertThat(kit.append(A, "one").queueOffset()).isZero();
    }

    @Test
    void refusesASecondProcess() {
        assertThatThrownBy(
                        () -> MessageStore.open(kit.settings, kit.disk.anotherProcess(), kit.clock, StoreEvents.NONE))
                .isInstanceOf(StoreException.class)
                .satisfies(e -> assertThat(((StoreException) e).kind()).isEqualTo(Kind.IN_USE));
    }

    @Test
    void makesItsOwnRoomWhenHousekeepingDoesNotKeepUp() {
        for (int i = 0; i < 40; i++) {
            kit.store.log().append(A, StoreKit.record(A, text(i, 700), "", 0), 1, kit.clock.wallMillis());
        }
        assertThat(kit.lines).anyMatch(line -> line.contains("housekeeping did not keep up"));
        kit.dispatch();
        assertThat(kit.bodies(A)).hasSize(40);
    }

    @Test
    void marksARunningStoreByAbortAndAClosedOneByItsAbsence() {
        assertThat(kit.disk.length("abort")).isPositive();
        kit.store.close();
        assertThat(kit.disk.length("abort")).isEqualTo(-1);
        assertThat(kit.disk.mappedSegments()).isZero();
    }

    @Test
    void derivesQueuesAnewWhenTheirFolderIsGone() {
        List<String> bodies = fill(A, 60, 700);
        kit.dispatch();
        kit.store.close();
        for (String file : kit.disk.files("consumequeue/a/0")) kit.disk.delete("consumequeue/a/0/" + file);
        kit.disk.delete("consumequeue/a/0");
        kit.disk.delete("consumequeue/a");
        kit.disk.delete("consumequeue");
        kit.open();
        assertThat(kit.bodies(A)).isEqualTo(bodies);
        assertThat(kit.append(A, "next").queueOffset()).isEqualTo(60);
    }

    @Test
    void opensWithoutItsCheckpoint() {
        List<String> bodies = fill(A, 60, 700);
        kit.dispatch();
        kit.store.close();
        kit.disk.write("vostok-checkpoint", new byte[] {1, 2, 3});
        kit.disk.delete("checkpoint");
        kit.open();
        assertThat(kit.bodies(A)).isEqualTo(bodies);
        kit.store.flusher().flush();
        kit.disk = kit.disk.crashProcess();
        kit.disk.write("vostok-checkpoint", new byte[4096]);
        kit.disk.write("checkpoint", new byte[0]);
        kit.open();
        assertThat(kit.bodies(A)).isEqualTo(bodies);
        assertThat(kit.append(A, "next").queueOffset()).isEqualTo(60);
    }

    @Test
    void acceptsTrailingFilesOfZeros() {
        List<String> bodies = fill(A, 30, 700);
        kit.dispatch();
        kit.store.close();
        long nextSegment = kit.disk.files("commitlog").size() * (long) StoreKit.SEGMENT;
        kit.disk.write(LogFiles.path(nextSegment), new byte[StoreKit.SEGMENT]);
        kit.disk.write("consumequeue/a/0/" + LogFiles.name(StoreKit.UNITS * 20L), new byte[StoreKit.UNITS * 20]);
        kit.open();
        assertThat(kit.index(A).maxOffset()).isEqualTo(30);
        assertThat(kit.bodies(A)).isEqualTo(bodies);
        for (int i = 0; i < 40; i++) bodies.add(body(kit.append(A, text(i, 300)), text(i, 300)));
        kit.dispatch();
        assertThat(kit.bodies(A)).isEqualTo(bodies);
    }

    @Test
    void refusesADamagedRecordOfAnOldSegmentAndServesTheRest() {
        List<String> bodies = fill(A, 30, 700);
        kit.dispatch();
        kit.store.close();
        kit.disk.flipBit("commitlog/00000000000000000000", 300 * 8);
        kit.open();
        ConsumeQueue queue = kit.index(A);
        long position = queue.position(0);
        int size = (int) (queue.position(1) - position);
        assertThatThrownBy(() -> kit.store.view().copy(position, size, java.nio.ByteBuffer.allocate(size)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("commitlog/00000000000000000000")
                .hasMessageContaining("body checksum");
        assertThat(kit.bodies(A).subList(1, 30)).isEqualTo(bodies.subList(1, 30));
    }

    @Test
    void passesOverADamagedRecordWhenDerivingAnew() {
        List<String> bodies = fill(A, 30, 700);
        kit.dispatch();
        kit.store.flusher().flush();
        kit.store.flusher().checkpoint();
        kit.disk = kit.disk.crashProcess();
        for (String file : kit.disk.files("consumequeue/a/0")) kit.disk.delete("consumequeue/a/0/" + file);
        kit.disk.delete("consumequeue/a/0");
        kit.disk.flipBit("commitlog/00000000000000000000", 300 * 8); // the body of the first
        kit.disk.flipBit("commitlog/" + LogFiles.name(StoreKit.SEGMENT), 0); // the length of another
        kit.open();
        List<String> found = kit.bodies(A);
        assertThat(kit.index(A).minOffset()).isEqualTo(1);
        assertThat(kit.index(A).maxOffset()).isEqualTo(30);
        assertThat(found.stream().filter("-"::equals)).hasSize(1);
        assertThat(found.get(28)).isEqualTo(bodies.get(29));
        assertThat(kit.lines).anyMatch(line -> line.startsWith("WARN log damaged position=0"));
    }

    @Test
    void cutsATruncatedLastSegmentToItsLastWholeRecordAndReusesNoOffset() {
        List<String> bodies = fill(A, 30, 700);
        kit.dispatch();
        kit.store.close();
        List<String> segments = kit.disk.files("commitlog");
        String last = segments.get(segments.size() - 1);
        if (kit.content("commitlog/" + last)[0] == 0 && kit.content("commitlog/" + last)[3] == 0) {
            kit.disk.delete("commitlog/" + last);
            last = segments.get(segments.size() - 2);
        }
        kit.disk.truncate("commitlog/" + last, 1500);
        kit.open();
        assertThat(kit.disk.length("commitlog/" + last)).isEqualTo(StoreKit.SEGMENT);
        assertThat(kit.lines).anyMatch(line -> line.startsWith("WARN log lost"));
        List<String> found = kit.bodies(A);
        int kept = (int) found.stream().filter(body -> !body.equals("-")).count();
        assertThat(found.subList(0, kept)).isEqualTo(bodies.subList(0, kept));
        assertThat(kit.append(A, "next").queueOffset()).isEqualTo(30);
        kit.reopen();
        assertThat(kit.body(A, 30)).isEqualTo("next");
    }

    @Test
    void passesOverAMissingSegment() {
        fill(A, 60, 700);
        kit.dispatch();
        kit.store.close();
        kit.disk.delete("commitlog/" + LogFiles.name(StoreKit.SEGMENT));
        kit.open();
        ReadResult result = new ReadResult();
        List<Long> positions = new ArrayList<>();
        long next = 0;
        do {
            kit.store.reader().read(A, next, 32, 1 << 20, 800, RecordFilter.ALL, result);
            for (int i = 0; i < result.count(); i++) positions.add(result.position(i));
            next = result.nextOffset();
        } while (result.status() == ReadStatus.FOUND || result.status() == ReadStatus.REMOVED);
        assertThat(result.status()).isEqualTo(ReadStatus.AT_END);
        assertThat(positions).noneMatch(p -> p >= StoreKit.SEGMENT && p < 2L * StoreKit.SEGMENT);
        assertThat(positions.size()).isGreaterThan(40);
    }

    @Test
    void refusesToStartWithoutItsLog() {
        fill(A, 3, 700);
        kit.store.close();
        for (String file : kit.disk.files("commitlog")) kit.disk.delete("commitlog/" + file);
        assertThatThrownBy(kit::open).isInstanceOf(StoreException.class).hasMessageContaining("bring the files back");
    }

    @Test
    void deletesOldSegmentsAndKeepsTheOffsets() {
        kit.append(B, "only one, early");
        fill(A, 60, 700);
        kit.dispatch();
        kit.store.flusher().flush();
        kit.store.flusher().checkpoint();
        kit.clock.advance(Duration.ofHours(2));
        List<String> late = fill(A, 10, 700);
        kit.dispatch();
        kit.store.flusher().flush();
        kit.store.flusher().checkpoint();

        kit.store.housekeeping().clean(kit.clock.wallMillis(), DeletionGuard.NONE);

        ConsumeQueue queue = kit.index(A);
        assertThat(kit.store.view().firstPosition()).isPositive();
        assertThat(queue.position(queue.minOffset()))
                .isGreaterThanOrEqualTo(kit.store.view().firstPosition());
        assertThat(queue.maxOffset()).isEqualTo(70);
        assertThat(kit.bodies(A)).endsWith(late.toArray(String[]::new));
        assertThat(kit.disk.files("consumequeue/a/0")).doesNotContain("00000000000000000000");
        ConsumeQueue small = kit.index(B);
        assertThat(small.minOffset()).isEqualTo(small.maxOffset()).isEqualTo(1);
        kit.reopen();
        assertThat(kit.append(B, "next").queueOffset()).isEqualTo(1);
        assertThat(kit.bodies(A)).endsWith(late.toArray(String[]::new));
    }

    @Test
    void endsAQueueWhereItDidAlsoWhenWhatItsStaleUnitsPointIntoIsDeleted() {
        loseTheLogButNotTheUnits(A, "one", "two", "three");
        fill(B, 30, 700);
        kit.store.flusher().flush();
        kit.dispatch();
        kit.store.flusher().checkpoint();
        kit.clock.advance(Duration.ofHours(2));
        kit.store.housekeeping().clean(kit.clock.wallMillis(), DeletionGuard.NONE);
        assertThat(kit.store.view().firstPosition()).isPositive();

        kit.killAndReopen();

        assertThat(kit.index(A).maxOffset()).isEqualTo(1);
        assertThat(kit.append(A, "next").queueOffset()).isEqualTo(1);
    }

    @Test
    void takesNoMessageOfAnotherTopicForTheEndOfAQueue() {
        QueueId other = queue("z", A.index());
        kit.append(other, "before");
        loseTheLogButNotTheUnits(A, "one");
        kit.append(other, "two"); // the same place, size, queue id and offset as what was lost
        kit.dispatch();

        kit.reopen();

        assertThat(kit.bodies(A)).containsExactly("zero");
        assertThat(kit.bodies(other)).containsExactly("before", "two");
    }

    /** The queue keeps one message, "zero"; its file has units of {@code lost} too. */
    private void loseTheLogButNotTheUnits(QueueId queue, String... lost) {
        kit.append(queue, "zero");
        kit.dispatch();
        kit.store.flusher().flush();
        kit.store.flusher().checkpoint();
        kit.appendBatch(queue, lost);
        kit.dispatch();
        kit.index(queue).force();
        kit.cutPowerAndReopen(() -> 0); // nothing that was not forced
        assertThat(kit.index(queue).maxOffset()).isEqualTo(1);
    }

    @Test
    void queuesKnowTheRecordBeforeAnyPlaceOfTheLog() {
        List<Long> starts = new ArrayList<>();
        for (int i = 0; i < 60; i++)
            starts.add(kit.append(i % 3 == 0 ? B : A, StoreKit.text(i, 700)).position());
        kit.dispatch();

        assertThat(kit.store.queues().recordBefore(0)).isEqualTo(-1);
        for (int i = 1; i < starts.size(); i++) {
            assertThat(kit.store.queues().recordBefore(starts.get(i))).isEqualTo(starts.get(i - 1));
            assertThat(kit.store.queues().recordBefore(starts.get(i) + 1)).isEqualTo(starts.get(i));
        }
    }

    @Test
    void deletesNothingYoungUnlessTheDiskIsNearlyFull() {
        fill(A, 60, 700);
        kit.dispatch();
        kit.store.flusher().flush();
        kit.store.flusher().checkpoint();
        kit.disk.pretendUsedRatio(0.8);
        kit.store.housekeeping().clean(kit.clock.wallMillis(), DeletionGuard.NONE);
        assertThat(kit.store.view().firstPosition()).isZero();
        kit.disk.pretendUsedRatio(0.88);
        kit.store.housekeeping().clean(kit.clock.wallMillis(), DeletionGuard.NONE);
        assertThat(kit.store.view().firstPosition()).isPositive();
        assertThat(kit.store.watermarks().appended())
                .isGreaterThan(kit.store.view().firstPosition());
    }

    @Test
    void findsOffsetsByStoreTime() {
        for (int i = 0; i < 10; i++) {
            kit.append(A, "m" + i);
            if (i % 2 == 1) kit.clock.advance(Duration.ofSeconds(1));
        }
        kit.dispatch();
        ConsumeQueue queue = kit.index(A);
        assertThat(queue.firstOffsetSince(StoreKit.NOW - 1)).isZero();
        assertThat(queue.firstOffsetSince(StoreKit.NOW + 1000)).isEqualTo(2);
        assertThat(queue.firstOffsetSince(StoreKit.NOW + 1001)).isEqualTo(4);
        assertThat(queue.firstOffsetSince(StoreKit.NOW + 4001)).isEqualTo(10);
        assertThat(queue.lastOffsetUntil(StoreKit.NOW - 1)).isZero();
        assertThat(queue.lastOffsetUntil(StoreKit.NOW + 1000)).isEqualTo(3);
        assertThat(queue.lastOffsetUntil(StoreKit.NOW + 1001)).isEqualTo(3);
        assertThat(queue.lastOffsetUntil(StoreKit.NOW + 99_000)).isEqualTo(9);
    }

    @Test
    void writesUnitsAsDocumented() throws IOException {
        kit.append(A, "hi", "TAGS\1a\2", 0);
        kit.dispatch();
        byte[] unit = Arrays.copyOf(kit.content("consumequeue/a/0/00000000000000000000"), 20);
        String hex = HexFormat.of().formatHex(unit);
        String shown = hex.substring(0, 16) + " " + hex.substring(16, 24) + " " + hex.substring(24);
        assertThat(Files.readString(Path.of("docs/formats/consume-queue.md")))
                .contains("    " + shown + "   # offset 0");
    }

    @Test
    void keepsASegmentMappedWhileAReaderHasALease() {
        fill(A, 30, 700);
        kit.dispatch();
        kit.store.flusher().flush();
        kit.store.flusher().checkpoint();
        long mapped = kit.disk.mappedSegments();
        LogSegment oldest = new LogFiles(kit.disk, StoreKit.SEGMENT).open(0);
        assertThat(oldest.file.acquire()).isTrue();
        kit.clock.advance(Duration.ofHours(2));
        kit.store.housekeeping().clean(kit.clock.wallMillis(), DeletionGuard.NONE);
        oldest.file.close();
        assertThat(kit.store.view().firstPosition()).isPositive();
        assertThat(oldest.file.getInt(4)).isEqualTo(0xDAA320A7);
        oldest.file.release();
        assertThat(kit.disk.mappedSegments()).isLessThan((int) mapped);
        assertThat(kit.store.view().copy(0, 100, java.nio.ByteBuffer.allocate(100)))
                .isFalse();
    }

    private boolean appended(String body) {
        try {
            kit.append(A, body);
            return true;
        } catch (StoreException e) {
            return false;
        }
    }

    private List<String> fill(QueueId queue, int count, int bytes) {
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            kit.append(queue, text(i, bytes));
            bodies.add(text(i, bytes));
        }
        return bodies;
    }

    private static String body(Stored stored, String body) {
        assertThat(stored.endPosition()).isGreaterThan(stored.position());
        return body;
    }
}
