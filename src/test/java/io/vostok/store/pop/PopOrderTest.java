package io.vostok.store.pop;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.model.GroupName;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.wire.body.PopOrderBody;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PopOrderTest {
    private static final long MS = 1_000_000;

    private final PopQueue queue = new PopQueue(new GroupName("g"), new QueueId(new TopicName("orders"), 0), 0, 10);
    private final PopOrder order = new PopOrder(queue, 1);

    private void handOut(long popMillis, long nowNanos, @Nullable String attempt, long... offsets) {
        order.handOut(offsets, popMillis, 100, attempt, nowNanos);
    }

    @Test
    void blocksTheQueueUntilAllIsAcked() {
        handOut(1, 0, null, 10, 11);
        assertThat(order.blocks(null, 0)).isTrue();
        assertThat(order.ack(1, 11)).isEqualTo(PopOrder.Ack.DONE);
        assertThat(order.blocks(null, 0)).isTrue();
        assertThat(order.next()).as("an ack out of order moves nothing").isEqualTo(10);
        assertThat(order.ack(1, 10)).isEqualTo(PopOrder.Ack.DONE);
        assertThat(order.finished()).isTrue();
        assertThat(order.blocks(null, 0)).isFalse();
        assertThat(order.next()).isEqualTo(12);
    }

    @Test
    void isGivenOutAgainWhenTheInvisibleTimeIsOver() {
        handOut(1, 0, null, 10, 11);
        assertThat(order.blocks(null, 100 * MS - 1)).isTrue();
        assertThat(order.blocks(null, 100 * MS)).isFalse();
        handOut(2, 100 * MS, null, 10, 11);
        assertThat(order.attempts(10)).isOne();
        assertThat(order.blocks(null, 150 * MS)).isTrue();
    }

    @Test
    void theSameAttemptIsNotBlockedAndDoesNotCount() {
        handOut(1, 0, "a", 10, 11);
        assertThat(order.blocks("b", 0)).isTrue();
        assertThat(order.blocks("a", 0)).isFalse();
        handOut(2, 0, "a", 10, 11);
        assertThat(order.attempts(10)).isZero();
    }

    @Test
    void answersAcksOfOtherPopsAndOtherMessages() {
        handOut(1, 0, null, 10, 11);
        handOut(2, 100 * MS, null, 10, 11);
        assertThat(order.ack(1, 10)).isEqualTo(PopOrder.Ack.OUTDATED);
        assertThat(order.ack(2, 12)).isEqualTo(PopOrder.Ack.UNKNOWN);
        assertThat(order.holds(10)).isTrue();
        assertThat(order.ack(2, 10)).isEqualTo(PopOrder.Ack.DONE);
        assertThat(order.ack(2, 10)).as("once more").isEqualTo(PopOrder.Ack.DONE);
        assertThat(order.held()).isOne();
    }

    @Test
    void blocksAsLongAsTheLongestOfItsTimes() {
        handOut(1, 0, null, 10, 11);
        assertThat(order.changeInvisible(1, 11, 500, 0)).isEqualTo(PopOrder.Ack.DONE);
        assertThat(order.blocks(null, 499 * MS)).isTrue();
        assertThat(order.deadlineNanos).isEqualTo(500 * MS);
        order.ack(1, 11);
        assertThat(order.deadlineNanos).as("11 no longer counts").isEqualTo(100 * MS);
        assertThat(order.changeInvisible(1, 11, 500, 0)).isEqualTo(PopOrder.Ack.UNKNOWN);
        assertThat(order.changeInvisible(9, 10, 500, 0)).isEqualTo(PopOrder.Ack.OUTDATED);
    }

    @Test
    void goesOnOverWhatIsGoneFromTheLog() {
        handOut(1, 0, null, 10, 11);
        order.gone(10);
        assertThat(order.next()).isEqualTo(11);
        order.gone(11);
        assertThat(order.finished()).isTrue();
    }

    @Test
    void isTheSameAfterARestart() {
        handOut(1_000, 0, "a", 10, 11);
        order.ack(1_000, 10);
        PopOrderBody body = order.body(1_000, 0);
        PopOrder restored = new PopOrder(queue, 2);
        restored.restore(body, 1_040, 7 * MS);
        assertThat(restored.blocks(null, 7 * MS + 59 * MS)).isTrue();
        assertThat(restored.blocks(null, 7 * MS + 60 * MS)).isFalse();
        assertThat(restored.blocks("a", 7 * MS)).isFalse();
        assertThat(restored.ack(1_000, 11)).isEqualTo(PopOrder.Ack.DONE);
        assertThat(restored.next()).isEqualTo(12);
    }

    @Test
    void aWallClockThatWasSetBackHoldsNothingLongerThanItsTime() {
        handOut(100_000, 0, null, 10);
        PopOrder restored = new PopOrder(queue, 2);
        restored.restore(order.body(100_000, 0), 5, 0);
        assertThat(restored.blocks(null, 100 * MS)).isFalse();
    }

    @Test
    void holdsAllThirtyTwo() {
        long[] all = new long[32];
        for (int i = 0; i < 32; i++) all[i] = 10L + i;
        handOut(1, 0, null, all);
        for (long offset : all) order.ack(1, offset);
        assertThat(order.finished()).isTrue();
        handOut(2, 0, null, all);
        order.ack(2, 10);
        PopOrder restored = new PopOrder(queue, 2);
        restored.restore(order.body(1, 0), 1, 0);
        assertThat(restored.held()).isEqualTo(31);
    }
}
