package io.vostok.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.wire.body.MessageQueue;
import java.util.List;
import org.junit.jupiter.api.Test;

class QueueLocksTest {
    private static final long MINUTE = 60_000_000_000L;
    private static final MessageQueue Q0 = new MessageQueue("t", "b", 0);
    private static final MessageQueue Q1 = new MessageQueue("t", "b", 1);
    private final QueueLocks locks = new QueueLocks(3);

    @Test
    void givesAQueueToOneClientOnly() {
        assertThat(locks.lock("g", "a", List.of(Q0), 0)).containsExactly(Q0);
        assertThat(locks.lock("g", "b", List.of(Q0, Q1), 1)).containsExactly(Q1);
        assertThat(locks.owner("g", Q0, 1)).isEqualTo("a");
    }

    @Test
    void keepsGroupsApart() {
        locks.lock("g", "a", List.of(Q0), 0);
        assertThat(locks.lock("h", "b", List.of(Q0), 0)).containsExactly(Q0);
    }

    @Test
    void keepsALockThatItsOwnerRefreshes() {
        locks.lock("g", "a", List.of(Q0), 0);
        locks.lock("g", "a", List.of(Q0), MINUTE);
        assertThat(locks.lock("g", "b", List.of(Q0), MINUTE + 1)).isEmpty();
    }

    @Test
    void givesAnExpiredLockToAnother() {
        locks.lock("g", "a", List.of(Q0), 0);
        assertThat(locks.lock("g", "b", List.of(Q0), MINUTE)).isEmpty();
        assertThat(locks.lock("g", "b", List.of(Q0), MINUTE + 1)).containsExactly(Q0);
        assertThat(locks.size()).isEqualTo(1);
    }

    @Test
    void freesOnlyWhatTheClientHas() {
        locks.lock("g", "a", List.of(Q0), 0);
        locks.unlock("g", "b", List.of(Q0));
        assertThat(locks.owner("g", Q0, 1)).isEqualTo("a");
        locks.unlock("g", "a", List.of(Q0, Q1));
        assertThat(locks.owner("g", Q0, 1)).isNull();
        assertThat(locks.size()).isZero();
    }

    @Test
    void knowsWhetherAGroupHasAnyLock() {
        assertThat(locks.isLocked("g", 0)).isFalse();
        locks.lock("g", "a", List.of(Q0), 0);
        assertThat(locks.isLocked("g", MINUTE)).isTrue();
        assertThat(locks.isLocked("g", MINUTE + 1)).isFalse();
        locks.lock("g", "a", List.of(Q0, Q1), MINUTE);
        locks.unlock("g", "a", List.of(Q0, Q1));
        assertThat(locks.isLocked("g", MINUTE)).isFalse();
    }

    @Test
    void grantsNoMoreThanItsBoundUntilSomeExpire() {
        locks.lock("g", "a", List.of(Q0, Q1), 0);
        assertThat(locks.lock("h", "a", List.of(Q0, Q1), 1)).containsExactly(Q0);
        assertThat(locks.lock("h", "a", List.of(Q1), MINUTE + 1)).containsExactly(Q1);
        assertThat(locks.size()).isEqualTo(2);
    }

    @Test
    void restoredLocksKeepEveryOtherClientOutForTheirWholeLife() {
        locks.lock("g", "a", List.of(Q0), 0);
        locks.lock("g", "b", List.of(Q1), MINUTE / 2);
        long restart = MINUTE / 2;
        QueueLocks after = new QueueLocks(3);

        after.restore(locks.held(restart), restart);

        assertThat(after.lock("g", "b", List.of(Q0, Q1), restart + MINUTE)).containsExactly(Q1);
        assertThat(after.lock("g", "a", List.of(Q0, Q1), restart + MINUTE)).containsExactly(Q0);
        assertThat(after.isLocked("g", restart + MINUTE)).isTrue();
        assertThat(after.size()).isEqualTo(2);
    }

    @Test
    void givesNoQueueToAnybodyWhileNobodyKnowsWhoHadIt() {
        locks.restoreUnknown(0);

        assertThat(locks.lock("g", "a", List.of(Q0), MINUTE)).isEmpty();
        assertThat(locks.size()).isZero();
        assertThat(locks.lock("g", "a", List.of(Q0), MINUTE + 1)).containsExactly(Q0);
    }

    @Test
    void asksToBeKeptAnewExactlyWhenWhatIsHeldHasChanged() {
        long before = locks.changes();
        locks.lock("g", "a", List.of(Q0), 0);
        assertThat(locks.changes()).as("granted").isGreaterThan(before);
        before = locks.changes();
        locks.lock("g", "a", List.of(Q0), MINUTE);
        locks.lock("g", "b", List.of(Q0), MINUTE);
        locks.unlock("g", "b", List.of(Q0));
        assertThat(locks.changes()).as("refreshed, refused, not its own").isEqualTo(before);
        assertThat(locks.held(2 * MINUTE + 1)).as("expired").isEmpty();
        locks.lock("g", "a", List.of(Q0), 2 * MINUTE + 1);
        assertThat(locks.changes()).as("its own, but it had expired").isGreaterThan(before);
        before = locks.changes();
        locks.forgetExpired(9 * MINUTE);
        assertThat(locks.changes()).as("expired").isGreaterThan(before);
        before = locks.changes();
        locks.lock("g", "a", List.of(Q0), 9 * MINUTE);
        locks.unlock("g", "a", List.of(Q0));
        assertThat(locks.changes()).as("granted and unlocked").isEqualTo(before + 2);
    }
}
