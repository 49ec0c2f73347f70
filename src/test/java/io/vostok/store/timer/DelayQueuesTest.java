package io.vostok.store.timer;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DelayQueuesTest {
    private final DelayKit kit = new DelayKit(false);

    @Test
    void hasNoReasonToWakeWhenNothingWaits() {
        assertThat(kit.sleepMillis()).isEqualTo(Long.MAX_VALUE);
        assertThat(kit.nextOrNull()).isNull();
    }

    @Test
    void sleepsUntilTheEarliestIsDueAndNotAMillisecondLess() {
        kit.park(2, "five");
        kit.park(1, "one");

        assertThat(kit.sleepMillis()).isEqualTo(1_000);
        kit.clock.advance(Duration.ofMillis(999));
        assertThat(kit.nextOrNull()).isNull();
        assertThat(kit.sleepMillis()).isEqualTo(1);
        kit.clock.advance(Duration.ofMillis(1));
        assertThat(kit.deliverAll()).containsExactly("one");
        assertThat(kit.sleepMillis()).isEqualTo(4_000);
    }

    @Test
    void deliversLateOnesAtOnceInOrderOfDueTime() {
        kit.park(3, "due in 10");
        kit.park(2, "due in 5");
        kit.clock.advance(Duration.ofMillis(4_500));
        kit.park(1, "due in 5.5");
        kit.park(2, "due in 9.5");
        kit.clock.advance(Duration.ofHours(1));
        kit.kill();

        assertThat(kit.deliverAll()).containsExactly("due in 5", "due in 5.5", "due in 9.5", "due in 10");
    }

    @Test
    void goesOnBehindWhatWasSavedAfterAKill() {
        kit.park(1, "a");
        kit.park(1, "b");
        kit.clock.advance(Duration.ofSeconds(1));
        Due first = kit.next();
        kit.queues.delivered(first, kit.deliver(first).endPosition());
        kit.store.flusher().flush();
        kit.save();
        kit.kill();

        assertThat(kit.deliverAll()).containsExactly("b");
    }

    @Test
    void savesNothingThatIsNotDurableYet() {
        kit.park(1, "a");
        kit.clock.advance(Duration.ofSeconds(1));
        kit.deliverAll();

        assertThat(kit.queues.toSave(kit.store.watermarks().flushed(), 1)).isNull();
        assertThat(kit.queues.unsaved()).isTrue();
        kit.store.flusher().flush();
        var table =
                Objects.requireNonNull(kit.queues.toSave(kit.store.watermarks().flushed(), 1));
        assertThat(table.offsets()).containsEntry(1, 1L).containsEntry(2, 0L);
        assertThat(kit.queues.unsaved()).isFalse();
    }

    @Test
    void losesNothingWhenThePowerFailsBetweenDeliveryAndFlush() {
        for (int seed = 0; seed < 20; seed++) {
            DelayKit own = new DelayKit(false);
            own.park(1, "a");
            own.store.flusher().flush();
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
    void handsOutEarlyWhatTheLogIsAboutToDeleteAndHoldsItUntilTheCopyIsDurable() {
        kit.delays = new long[] {1_000, 5_000, Duration.ofDays(9).toMillis()};
        kit.kill();
        kit.park(3, "far");
        kit.park(1, "near");
        while (kit.store.watermarks().appended() < 40_000) kit.append(DelayKit.TARGET, "filler", "");
        kit.dispatch();
        kit.store.flusher().flush();
        kit.store.flusher().checkpoint();
        kit.clock.advance(Duration.ofHours(100));

        assertThat(kit.queues.takeEarly()).isNull();
        kit.store.housekeeping().clean(kit.clock.wallMillis(), kit.queues);
        assertThat(kit.store.view().firstPosition()).isZero();
        assertThat(kit.deliverAll()).containsExactly("near");
        Due early = Objects.requireNonNull(kit.queues.takeEarly());
        assertThat(kit.body(early)).isEqualTo("far");
        assertThat(early.early()).isTrue();
        kit.queues.failed(early, kit.clock.monotonicNanos());
        kit.clock.advance(Duration.ofSeconds(1));
        assertThat(kit.next()).isSameAs(early);
        kit.queues.delivered(early, kit.deliver(early).endPosition());
        assertThat(kit.queues.takeEarly()).isNull();
        kit.save();

        kit.store.housekeeping().clean(kit.clock.wallMillis(), kit.queues);
        assertThat(kit.store.view().firstPosition())
                .as("before the copies are durable")
                .isZero();
        kit.store.flusher().flush();
        kit.save();
        kit.store.housekeeping().clean(kit.clock.wallMillis(), kit.queues);
        assertThat(kit.store.view().firstPosition()).isPositive();
        assertThat(kit.queues.letsGo(kit.store.watermarks().appended())).isTrue();
    }

    @Test
    void savesOnlyUpToTheFirstThatIsNotAnswered() {
        kit.park(1, "a");
        kit.park(1, "b");
        kit.clock.advance(Duration.ofSeconds(1));
        Due first = kit.next();
        Due second = kit.next();
        kit.queues.delivered(second, kit.deliver(second).endPosition());
        kit.store.flusher().flush();

        var before =
                Objects.requireNonNull(kit.queues.toSave(kit.store.watermarks().flushed(), 1));
        assertThat(before.offsets()).containsEntry(1, 0L);
        kit.queues.delivered(first, 0);
        var after =
                Objects.requireNonNull(kit.queues.toSave(kit.store.watermarks().flushed(), 1));
        assertThat(after.offsets()).containsEntry(1, 2L);
    }

    @Test
    void triesAFailedOneAgainAfterAPauseBeforeAnyOther() {
        kit.park(1, "a");
        kit.park(1, "b");
        kit.clock.advance(Duration.ofSeconds(1));
        Due first = kit.next();

        kit.queues.failed(first, kit.clock.monotonicNanos());

        assertThat(kit.nextOrNull()).isNull();
        assertThat(kit.sleepMillis()).isEqualTo(100);
        kit.clock.advance(Duration.ofMillis(100));
        assertThat(kit.deliverAll()).containsExactly("a", "b");
    }

    @Test
    void handsOutNoMoreThanMayBeUnderWay() {
        for (int i = 0; i < 6; i++) kit.park(1, "m" + i);
        kit.clock.advance(Duration.ofSeconds(1));
        Due first = kit.next();
        for (int i = 1; i < 4; i++) kit.next();

        assertThat(kit.nextOrNull()).isNull();
        assertThat(kit.sleepMillis()).isEqualTo(Long.MAX_VALUE);
        kit.queues.delivered(first, 0);
        assertThat(kit.body(kit.next())).isEqualTo("m4");
    }

    @Test
    void isNeitherEarlyNorStuckWhenTheWallClockIsSetBack() {
        kit.park(2, "a");
        kit.clock.advance(Duration.ofSeconds(1));
        kit.park(2, "b");
        kit.clock.stepWall(Duration.ofHours(-1));

        assertThat(kit.sleepMillis()).isEqualTo(5_000);
        kit.clock.advance(Duration.ofMillis(4_999));
        assertThat(kit.nextOrNull()).isNull();
        kit.clock.advance(Duration.ofMillis(1));
        assertThat(kit.deliverAll()).containsExactly("a", "b");
    }

    @Test
    void looksAgainWithinHalfAMinuteSoThatAClockSetForwardIsNoticed() {
        kit.delays = new long[] {7_200_000};
        kit.close();
        kit.open();
        kit.park(1, "in two hours");

        assertThat(kit.sleepMillis()).isEqualTo(30_000);
        kit.clock.stepWall(Duration.ofHours(2));
        assertThat(kit.deliverAll()).containsExactly("in two hours");
    }

    @Test
    void deliversWhatWaitsOnLevelsThatTheTableNoLongerHas() {
        kit.park(3, "third");
        kit.close();
        kit.delays = new long[] {1_000};
        kit.open();
        kit.clock.advance(Duration.ofSeconds(10));

        assertThat(kit.deliverAll()).containsExactly("third");
    }

    @Test
    void passesOverWhatCannotBeDelivered() {
        kit.park(1, "a");
        kit.park(1, "b");
        kit.clock.advance(Duration.ofSeconds(1));
        kit.queues.passedOver(kit.next());

        assertThat(kit.deliverAll()).containsExactly("b");
    }

    @Test
    void startsAtTheQueuesEndWhenMoreWasSavedThanTheQueueHas() {
        kit.park(1, "a");
        kit.clock.advance(Duration.ofSeconds(1));
        kit.deliverAll();
        kit.close();
        kit.disk.write(
                "config/delayOffset.json",
                "{\"offsetTable\":{\"1\":99}}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        kit.open();
        kit.park(1, "b");
        kit.clock.advance(Duration.ofSeconds(1));

        assertThat(kit.deliverAll()).containsExactly("b");
        assertThat(kit.lines).anyMatch(line -> line.contains("delay level set back level=1 offset=99 to=1"));
    }

    @Test
    void deliversAgainRatherThanLosingWhenTheOffsetsAreDamaged() {
        kit.park(1, "a");
        kit.clock.advance(Duration.ofSeconds(1));
        kit.deliverAll();
        kit.close();
        kit.disk.write("config/delayOffset.json", new byte[] {1, 2, 3});
        kit.disk.delete("config/delayOffset.json.bak");
        kit.open();

        assertThat(kit.deliverAll()).containsExactly("a");
    }

    @Test
    void keepsWhatIsDueWhileTheDiskIsFull() throws StoreException {
        kit.park(1, "a");
        kit.clock.advance(Duration.ofSeconds(1));
        Due due = kit.next();
        for (int i = 0; i < 10; i++) {
            kit.queues.failed(due, kit.clock.monotonicNanos());
            assertThat(kit.sleepMillis()).isBetween(1L, 5_000L);
            kit.clock.advance(Duration.ofMillis(kit.sleepMillis()));
            due = kit.next();
        }

        kit.queues.delivered(due, kit.deliver(due).endPosition());
        assertThat(kit.delivered()).isEqualTo(List.of("a"));
    }
}
