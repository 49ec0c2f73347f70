package io.vostok.store.timer;

import static io.vostok.store.timer.TimerKit.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.store.Stored;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TimersTest {
    private static final long DAY = 86_400_000L;
    private static final long HOUR = 3_600_000L;

    private final TimerKit kit = new TimerKit(false);

    @Test
    void hasNoReasonToWakeWhenNothingWaits() {
        assertThat(kit.sleepMillis()).isEqualTo(Long.MAX_VALUE);
        assertThat(kit.take()).isNull();
    }

    @Test
    void handsOutAtTheMillisecondAndNotBefore() {
        kit.park(NOW + 1_234, "a");
        kit.work();

        assertThat(kit.sleepMillis()).isEqualTo(1_234);
        kit.clock.advance(Duration.ofMillis(1_233));
        assertThat(kit.deliverAll()).isEmpty();
        assertThat(kit.sleepMillis()).isEqualTo(1);
        kit.clock.advance(Duration.ofMillis(1));
        assertThat(kit.deliverAll()).containsExactly("a");
        assertThat(kit.timers.waiting()).isZero();
    }

    @Test
    void deliversInOrderOfDueTimeAndThatOfArrivalWithinAMillisecond() {
        Random random = new Random(5);
        List<String> expected = new ArrayList<>();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 200; i++) order.add(i);
        Collections.shuffle(order, random);
        for (int i : order) kit.park(NOW + 10_000 + i / 2, "m" + i);
        for (int pair = 0; pair < 100; pair++) {
            int first = 2 * pair;
            boolean swapped = order.indexOf(first) > order.indexOf(first + 1);
            expected.add("m" + (swapped ? first + 1 : first));
            expected.add("m" + (swapped ? first : first + 1));
        }
        kit.clock.advance(Duration.ofSeconds(20));

        assertThat(kit.deliverAll()).isEqualTo(expected);
    }

    @Test
    void showsWhatWaitsAndDeliversItBeforeItsTimeOnce() {
        kit.park(NOW + 30 * DAY, "in a month");
        kit.park(NOW + 1_000, "in a second");
        kit.park(NOW + 30 * DAY + 1, "a moment later");
        kit.work();
        List<PendingTimers.Each> all = new ArrayList<>();
        PendingTimers stretch = kit.timers.pending(0, 0, 1);
        all.addAll(stretch.entries());
        while (stretch.nextBucket() != PendingTimers.END) {
            stretch = kit.timers.pending(stretch.nextBucket(), stretch.nextIndex(), 1);
            all.addAll(stretch.entries());
        }

        assertThat(all.stream().map(PendingTimers.Each::dueMillis))
                .containsExactly(NOW + 1_000, NOW + 30 * DAY, NOW + 30 * DAY + 1);
        for (PendingTimers.Each each : all.subList(0, 2)) {
            TimerDue early = Objects.requireNonNull(kit.timers.takeEarly(each));
            assertThat(kit.timers.find(each.entry(), each.offset(), each.position()))
                    .isNull();
            kit.deliverWithAnswer(early);
        }
        assertThat(kit.timers.pending(0, 0, 100).entries()).containsExactly(all.get(2));
        kit.saveAll();
        kit.kill();
        kit.clock.advance(Duration.ofDays(31));
        assertThat(kit.deliverAll()).containsExactly("a moment later");
        assertThat(kit.delivered()).containsExactly("in a second", "in a month", "a moment later");
    }

    @Test
    void waitsOnWhenItsEarlyDeliveryFailed() {
        kit.park(NOW + 1_000, "soon");
        kit.park(NOW + DAY, "late");
        kit.work();

        for (PendingTimers.Each each : kit.timers.pending(0, 0, 100).entries()) {
            TimerDue early = Objects.requireNonNull(kit.timers.takeEarly(each));
            kit.timers.failed(early, kit.clock.monotonicNanos());
        }

        assertThat(kit.timers.pending(0, 0, 100).entries()).hasSize(2);
        kit.clock.advance(Duration.ofDays(2));
        assertThat(kit.deliverAll()).containsExactly("soon", "late");
    }

    @Test
    void keepsWhatIsFarOnDiskUntilItsTimeComes() {
        kit.park(NOW + 30 * DAY, "in a month");
        kit.park(NOW + 40 * DAY, "later");
        kit.saveAll();
        kit.kill();

        assertThat(kit.sleepMillis()).isBetween(1L, 5_000L);
        kit.clock.advance(Duration.ofMillis(30 * DAY - 1));
        assertThat(kit.deliverAll()).isEmpty();
        kit.clock.advance(Duration.ofMillis(1));
        assertThat(kit.deliverAll()).containsExactly("in a month");
        kit.clock.advance(Duration.ofDays(10));
        assertThat(kit.deliverAll()).containsExactly("later");
    }

    @Test
    void deliversLateOnesAtOnceInOrderOfDueTime() {
        kit.park(NOW + 3 * HOUR, "third");
        kit.park(NOW + 2 * HOUR, "second");
        kit.saveAll();
        kit.park(NOW + HOUR, "first");
        kit.clock.advance(Duration.ofDays(3));
        kit.kill();

        assertThat(kit.deliverAll()).containsExactly("first", "second", "third");
    }

    @Test
    void repeatsNothingAfterAStop() {
        for (int i = 0; i < 100; i++) kit.park(NOW + 1_000 + i % 7, "m" + i);
        kit.clock.advance(Duration.ofSeconds(2));
        kit.work();
        for (int i = 0; i < 50; i++) {
            TimerDue due = kit.next();
            kit.deliverWithAnswer(due);
        }
        kit.close();
        kit.open();

        assertThat(kit.deliverAll()).hasSize(50);
        assertThat(kit.delivered()).doesNotHaveDuplicates().hasSize(100);
    }

    @Test
    void notesNothingAsDoneWhoseCopyIsNotDurable() {
        for (int seed = 0; seed < 20; seed++) {
            TimerKit own = new TimerKit(false);
            own.park(NOW + 1_000, "a");
            own.work();
            own.saveAll();
            own.clock.advance(Duration.ofSeconds(1));
            own.deliverAll();
            own.save();
            own.disk = own.disk.powerCut(new SplittableRandom(seed));
            own.open();
            own.deliverAll();

            assertThat(own.delivered()).as("seed %s", seed).contains("a");
        }
    }

    @Test
    void triesAFailedOneAgainAfterAPauseBeforeAnyOther() {
        kit.park(NOW + 1, "a");
        kit.park(NOW + 2, "b");
        kit.clock.advance(Duration.ofSeconds(1));
        TimerDue first = kit.next();

        kit.timers.failed(first, kit.clock.monotonicNanos());

        assertThat(kit.take()).isNull();
        assertThat(kit.sleepMillis()).isEqualTo(100);
        kit.clock.advance(Duration.ofMillis(100));
        assertThat(kit.deliverAll()).containsExactly("a", "b");
    }

    @Test
    void handsOutNoMoreThanMayBeUnderWay() {
        for (int i = 0; i < 6; i++) kit.park(NOW + i, "m" + i);
        kit.clock.advance(Duration.ofSeconds(1));
        TimerDue first = kit.next();
        for (int i = 1; i < 4; i++) kit.next();

        assertThat(kit.take()).isNull();
        assertThat(kit.sleepMillis()).isEqualTo(Long.MAX_VALUE);
        kit.timers.delivered(first, 0);
        assertThat(kit.body(kit.next())).isEqualTo("m4");
    }

    @Test
    void isNotEarlyWhenTheWallClockIsSetBackAndNoticesOneSetForward() {
        kit.park(NOW + 2 * HOUR, "a");
        kit.work();
        kit.clock.stepWall(Duration.ofHours(-1));
        kit.clock.advance(Duration.ofMillis(2 * HOUR));
        assertThat(kit.deliverAll()).isEmpty();

        assertThat(kit.sleepMillis()).isBetween(1L, 5_000L);
        kit.clock.stepWall(Duration.ofHours(1));
        assertThat(kit.deliverAll()).containsExactly("a");
    }

    @Test
    void recalledMessagesAreNotDeliveredNearOrFarOrAfterARestart() {
        kit.park(NOW + 1_000, "near");
        kit.park(NOW + 1_000, "stays");
        kit.park(NOW + 5 * DAY, "far");
        kit.park(NOW + 5 * DAY, "far stays");
        kit.work();
        kit.recall(NOW + 1_000, "near");
        kit.recall(NOW + 5 * DAY, "far");
        kit.clock.advance(Duration.ofSeconds(1));

        assertThat(kit.deliverAll()).containsExactly("stays");
        kit.saveAll();
        kit.kill();
        kit.clock.advance(Duration.ofDays(5));
        assertThat(kit.deliverAll()).containsExactly("far stays");
        kit.saveAll();
        kit.saveAll();
        assertThat(kit.timers.pending()).isZero();
    }

    @Test
    void aRecallThatCameTooLateChangesNothing() {
        kit.park(NOW + 1_000, "a");
        kit.clock.advance(Duration.ofSeconds(1));
        assertThat(kit.deliverAll()).containsExactly("a");
        kit.recall(NOW + 1_000, "a");
        kit.park(NOW + 1_001, "a");
        kit.clock.advance(Duration.ofSeconds(1));

        assertThat(kit.deliverAll())
                .as("another message with its id, at another time")
                .containsExactly("a");
    }

    @Test
    void aRecallIsDoneOnlyAfterTheMessageItRecalls() {
        for (int seed = 0; seed < 40; seed++) {
            TimerKit own = new TimerKit(true);
            own.mostUnderWay = 1;
            for (int i = 0; i < 40; i++) own.park(NOW + 1_000, "m" + i);
            own.recall(NOW + 1_000, "m39");
            own.clock.advance(Duration.ofSeconds(1));
            own.deliverAll();
            for (int i = 0; i < seed % 4; i++) own.save();
            own.disk = own.disk.powerCut(new SplittableRandom(seed));
            own.open();
            own.deliverAll();

            assertThat(own.delivered()).as("seed %s", seed).doesNotContain("m39");
        }
    }

    @Test
    void usesBlocksAgainAndKeepsTheIndexSmall() {
        long time = NOW;
        for (int round = 0; round < 60; round++) {
            for (int i = 0; i < 40; i++) kit.park(time + 1_000 + i, "r" + round + "m" + i);
            kit.clock.advance(Duration.ofMinutes(5));
            time += 300_000;
            assertThat(kit.deliverAll()).hasSize(40);
            kit.saveAll();
        }
        assertThat(kit.disk.files(TimerBlocks.FOLDER)).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void makesADamagedIndexAnewFromTheLog() {
        for (int i = 0; i < 100; i++) kit.park(NOW + 1_000 + i * HOUR, "m" + i);
        kit.work();
        kit.clock.advance(Duration.ofMillis(10 * HOUR));
        assertThat(kit.deliverAll()).hasSize(10);
        kit.close();
        kit.disk.flipBit(TimerBlocks.FOLDER + "/00000001", 8 * (1024 * 3 + 32 + 9));
        kit.open();
        kit.clock.advance(Duration.ofMillis(90 * HOUR));
        kit.deliverAll();

        assertThat(kit.lines).anyMatch(line -> line.contains("timer index made anew"));
        assertThat(kit.delivered()).doesNotHaveDuplicates().hasSize(100);
    }

    @Test
    void makesALostIndexAnewFromTheLog() {
        for (int i = 0; i < 50; i++) kit.park(NOW + 1_000 + i, "m" + i);
        kit.work();
        kit.close();
        kit.disk.files(TimerBlocks.FOLDER).forEach(each -> kit.disk.delete(TimerBlocks.FOLDER + "/" + each));
        kit.disk.delete(TimerMarks.PATH);
        kit.open();
        kit.clock.advance(Duration.ofSeconds(2));

        assertThat(kit.deliverAll()).hasSize(50);
    }

    @Test
    void storesAgainWhatTheLogIsAboutToDelete() {
        for (int i = 0; i < 200; i++) kit.park(NOW + 2 * DAY + i, "m" + i);
        kit.park(NOW + 60_000, "soon");
        kit.recall(NOW + 2 * DAY + 5, "m5");
        List<String> delivered = new ArrayList<>();
        int rolled = 0;
        for (int round = 0; round < 60; round++) {
            kit.clock.advance(Duration.ofMinutes(70));
            delivered.addAll(kit.deliverAll());
            for (TimerDue due = kit.timers.takeRoll(); due != null; due = kit.timers.takeRoll()) {
                kit.deliverWithAnswer(due);
                kit.dispatch();
                kit.work();
                rolled++;
            }
            kit.saveAll();
            kit.store.flusher().checkpoint();
            kit.store.housekeeping().clean(kit.clock.wallMillis(), kit.timers);
            for (int i = 0; i < 20; i++) kit.append(TimerKit.TARGET, "filler", "");
            if (round % 10 == 9) kit.kill();
        }

        assertThat(kit.store.view().firstPosition()).as("the log was cleaned").isPositive();
        assertThat(rolled).isGreaterThan(200);
        assertThat(delivered)
                .hasSize(200)
                .doesNotHaveDuplicates()
                .contains("soon", "m0", "m199")
                .doesNotContain("m5");
        assertThat(kit.lines).noneMatch(line -> line.contains("expired"));
    }

    @Test
    void takesOverWhatApacheHadNotDelivered() {
        // As Apache left it: read up to NOW + 10 s, everything below offset 6 in its wheel.
        kit.park(NOW + 5_000, "delivered");
        kit.park(NOW + 10_000, "pending");
        kit.park(NOW + 3 * DAY - 1_000, "rolled later");
        kit.park(NOW + 12_000, "recalled");
        kit.recall(NOW + 12_000, "recalled");
        kit.park(NOW + 9_000, "delivered as well");
        kit.park(NOW + 8_000, "late, but not in the wheel yet");
        kit.close();
        timerCheck(NOW + 10_000, 6, 1);
        kit.disk.delete(TimerMarks.PATH);
        kit.clock.advance(Duration.ofSeconds(13));
        kit.open();

        assertThat(kit.deliverAll()).containsExactly("late, but not in the wheel yet", "pending");
        kit.saveAll();
        kit.kill();
        assertThat(kit.deliverAll()).isEmpty();
        kit.clock.advance(Duration.ofDays(3));
        assertThat(kit.deliverAll()).containsExactly("rolled later");
    }

    @Test
    void leavesAlonWhatApacheHasStoredAgain() {
        kit.park(NOW + 3 * DAY, "far");
        kit.clock.advance(Duration.ofMillis(2 * DAY + HOUR));
        kit.park(NOW + 3 * DAY, "far", "TIMER_ROLL_TIMES\u00011\u0002");
        kit.close();
        timerCheck(NOW + 2 * DAY + HOUR, 2, 7);
        kit.disk.delete(TimerMarks.PATH);
        kit.open();
        kit.clock.advance(Duration.ofDays(1));

        assertThat(kit.deliverAll()).containsExactly("far");
    }

    @Test
    void takesOverAgainWhenApacheHadTheStoreInBetween() {
        kit.park(NOW + 5_000, "theirs");
        kit.park(NOW + 50_000, "ours");
        kit.close();
        timerCheck(NOW + 10_000, 2, 3);
        kit.open();
        kit.clock.advance(Duration.ofSeconds(60));

        assertThat(kit.deliverAll()).containsExactly("ours");
    }

    private void timerCheck(long readMillis, long offset, long version) {
        ByteBuffer content = ByteBuffer.allocate(4096);
        content.putLong(0, readMillis).putLong(16, offset).putLong(24, offset).putLong(48, version);
        kit.disk.write("config/timercheck", content.array());
    }

    @Test
    void entersNothingThatThePowerCutMayTakeFromTheLog() {
        for (int seed = 0; seed < 30; seed++) {
            TimerKit own = new TimerKit(false);
            own.park(NOW + 1_000, "kept");
            own.work();
            own.saveAll();
            own.park(NOW + 1_000, "not flushed");
            own.work();
            own.save();
            own.save();
            own.disk = own.disk.powerCut(new SplittableRandom(seed));
            own.open();
            Stored again = own.park(NOW + 2_000, "after");
            own.clock.advance(Duration.ofSeconds(2));

            assertThat(own.deliverAll()).as("seed %s", seed).contains("kept", "after");
            assertThat(again.queueOffset()).isPositive();
        }
    }

    @Test
    void waitsForRoomOnAFullDiskAndLosesNothing() {
        kit.park(NOW + 500, "a");
        kit.disk.fillUp(0);
        kit.work();
        assertThat(kit.timers.pending()).isZero();
        assertThat(kit.sleepMillis()).isEqualTo(1_000);

        kit.disk.fillUp(1 << 30);
        kit.clock.advance(Duration.ofSeconds(1));
        assertThat(kit.deliverAll()).containsExactly("a");
    }
}
