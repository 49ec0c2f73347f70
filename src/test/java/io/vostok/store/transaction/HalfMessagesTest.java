package io.vostok.store.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HalfMessagesTest {
    private final HalfKit kit = new HalfKit(false);

    @Test
    void asksFirstAfterTheTimeoutAndThenAtEachInterval() {
        kit.pending("a");
        kit.clock.advance(Duration.ofMillis(5_999));
        assertThat(kit.nextDue()).isNull();
        kit.clock.advance(Duration.ofMillis(1));

        assertThat(Objects.requireNonNull(kit.nextDue()).checks()).isEqualTo(1);
        assertThat(kit.nextDue()).isNull();
        assertThat(kit.halves.sleepMillis(kit.clock.monotonicNanos())).isEqualTo(30_000);
        assertThat(kit.nextWhenDue().checks()).isEqualTo(2);
    }

    @Test
    void letsAMessageNameItsOwnTime() {
        kit.pending("early", "CHECK_IMMUNITY_TIME_IN_SECONDS\0012\2");
        kit.pending("usual", "CHECK_IMMUNITY_TIME_IN_SECONDS\1soon\2");
        kit.pending("late", "CHECK_IMMUNITY_TIME_IN_SECONDS\00160\2");

        assertThat(kit.halves.sleepMillis(kit.clock.monotonicNanos())).isEqualTo(2_000);
        assertThat(kit.nextWhenDue().offset()).isZero();
        assertThat(kit.halves.sleepMillis(kit.clock.monotonicNanos())).isEqualTo(4_000);
        assertThat(kit.nextWhenDue().offset()).isEqualTo(1);
    }

    @Test
    void isExhaustedWhenItWasAskedOftenEnough() {
        kit.pending("a");
        for (int check = 1; check <= 15; check++)
            assertThat(kit.nextWhenDue().exhausted()).isFalse();
        assertThat(kit.halves.sleepMillis(kit.clock.monotonicNanos())).isEqualTo(30_000);

        Half exhausted = kit.nextWhenDue();
        assertThat(exhausted.exhausted()).isTrue();
        assertThat(exhausted.checks()).isEqualTo(15);
        assertThat(kit.halves.sleepMillis(kit.clock.monotonicNanos())).isEqualTo(HalfMessages.NEVER);

        kit.halves.failed(exhausted, kit.clock.monotonicNanos());
        assertThat(kit.nextWhenDue().exhausted()).isTrue();
    }

    @Test
    void countsAnewWhenToldTo() {
        Half half = kit.pending("a");
        for (int check = 1; check <= 15; check++) kit.nextWhenDue();
        kit.halves.checkAnew(half, kit.clock.monotonicNanos());
        assertThat(kit.nextWhenDue().checks()).isEqualTo(1);
    }

    @Test
    void asksNothingAboutWhatIsBeingDecided() {
        Half half = kit.pending("a");
        kit.halves.begin(half);
        kit.clock.advance(Duration.ofMinutes(1));
        assertThat(kit.nextDue()).isNull();
        kit.halves.failed(half, kit.clock.monotonicNanos());
        assertThat(kit.nextDue()).isNull();
        kit.clock.advance(Duration.ofSeconds(1));
        assertThat(kit.nextDue()).isNotNull();
    }

    @Test
    void derivesWhatIsPendingAfterAKill() {
        Half committed = kit.pending("committed");
        Half rolledBack = kit.pending("rolled back");
        kit.pending("open");
        kit.commit(committed);
        kit.rollBack(rolledBack);

        kit.kill();

        assertThat(kit.halves.size()).isEqualTo(1);
        assertThat(kit.halves.find(0)).isNull();
        Half open = Objects.requireNonNull(kit.halves.find(2));
        assertThat(open.group()).isEqualTo("g");
        assertThat(kit.bodies(HalfKit.TARGET)).containsExactly("committed");
        assertThat(kit.halves.oldestPosition()).isEqualTo(open.position());
    }

    @Test
    void beginsWhereTheOldestWasWhenThatWasSaved() {
        for (int i = 0; i < 5; i++) kit.commit(kit.pending("m" + i));
        kit.pending("open");
        kit.commit(kit.pending("later"));
        kit.dispatch();
        kit.store.flusher().flush();
        kit.save();

        assertThat(kit.offsets.find(HalfMessages.GROUP, HalfMessages.HALVES)).isEqualTo(5);
        assertThat(kit.offsets.find(HalfMessages.GROUP, HalfMessages.MARKS)).isEqualTo(5);
        kit.kill();
        assertThat(kit.halves.size()).isEqualTo(1);
        assertThat(kit.halves.find(5)).isNotNull();
    }

    @Test
    void savesNothingThatAPowerCutCouldTakeBack() {
        Half half = kit.pending("a");
        kit.store.flusher().flush();
        kit.commit(half);
        kit.save();
        assertThat(kit.offsets.find(HalfMessages.GROUP, HalfMessages.HALVES)).isZero();
        kit.offsets.force();

        kit.disk = kit.disk.powerCut(new SplittableRandom(3));
        kit.open();

        boolean kept = kit.bodies(HalfKit.TARGET).contains("a");
        assertThat(kept || kit.halves.find(0) != null)
                .as("the message is there or pending")
                .isTrue();
    }

    @Test
    void leavesSomeChecksToWhatIsFoundAtTheStart() {
        kit.pending("a");
        kit.store.flusher().flush();
        kit.clock.advance(Duration.ofDays(1));

        kit.kill();

        assertThat(kit.halves.sleepMillis(kit.clock.monotonicNanos())).isEqualTo(30_000);
        assertThat(kit.nextWhenDue().checks()).isEqualTo(15 - CheckSchedule.LEFT_AFTER_RESTART + 1);
    }

    @Test
    void countsTheChecksThatMustHaveBeenBeforeAShortStop() {
        kit.pending("a");
        for (int check = 1; check <= 3; check++) kit.nextWhenDue();

        kit.kill();

        assertThat(kit.nextWhenDue().checks()).isEqualTo(4);
    }

    @Test
    void isNotMisledByAClockThatWasSet() {
        kit.pending("before");
        kit.clock.stepWall(Duration.ofHours(-3));
        kit.pending("after");
        kit.clock.stepWall(Duration.ofHours(9));
        assertThat(kit.nextDue()).isNull();
        kit.clock.advance(Duration.ofSeconds(6));
        assertThat(kit.nextDue()).isNotNull();
        assertThat(kit.nextDue()).isNotNull();
    }

    @Test
    void takesWhatMustMakeWayForADeletion() {
        List<Half> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) all.add(kit.pending("m" + i));
        kit.commit(all.get(1));

        List<Half> taken = kit.halves.takeBefore(all.get(4).position(), 2);
        assertThat(taken).extracting(Half::offset).containsExactly(0L, 2L);
        assertThat(kit.halves.takeBefore(all.get(4).position(), 10))
                .extracting(Half::offset)
                .containsExactly(3L);
        assertThat(kit.halves.takeBefore(all.get(4).position(), 10)).isEmpty();
        for (Half half : List.of(all.get(0), all.get(2), all.get(3))) kit.rollBack(half);
        assertThat(kit.halves.oldestPosition()).isEqualTo(all.get(4).position());
    }

    @Test
    void keepsAFileWithAPendingHalfMessageUntilItIsLetGo() {
        Half half = kit.pending("old");
        for (int i = 0; i < 100; i++) kit.commit(kit.pending("x".repeat(700) + i));
        kit.dispatch();
        kit.store.flusher().flush();
        kit.store.flusher().checkpoint();
        kit.clock.advance(Duration.ofHours(2));

        kit.store.housekeeping().clean(kit.clock.wallMillis(), end -> kit.halves.oldestPosition() >= end);
        assertThat(kit.body(half.position())).isEqualTo("old");

        kit.rollBack(half);
        kit.store.housekeeping().clean(kit.clock.wallMillis(), end -> kit.halves.oldestPosition() >= end);
        assertThat(kit.store.view().sizeBytes(half.position())).isNegative();
    }

    @Test
    void readsMarksOfEveryForm() {
        List<Long> read = new ArrayList<>();
        for (String body : List.of("12,15,", "7", "", ",,", "8,x9,10,", "99999999999999999999,3")) {
            MarkBody.read(
                    java.nio.ByteBuffer.wrap(body.getBytes(java.nio.charset.StandardCharsets.US_ASCII)), read::add);
        }
        assertThat(read).containsExactly(12L, 15L, 7L, 8L, 10L, 3L);
    }
}
