package io.vostok.broker.offset;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.DataVersion;
import io.vostok.model.GroupName;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OffsetRulesTest {
    private static final DataVersion V = new DataVersion(0, 0, 0);
    private final OffsetRules rules = new OffsetRules(1000);
    private final TopicTable topics = TopicTable.of(List.of(Topic.of(new TopicName("orders"), 4, 6)), V);
    private final GroupTable groups = GroupTable.of(List.of(ConsumerGroup.of(new GroupName("g"))), Map.of(), V);

    private @Nullable Refusal update(String group, String topic, int queueId, long offset) {
        Refused refused = rules.update(group, topic, queueId, offset, new QueueBounds(2, 10, 50), groups, topics);
        return refused == null ? null : refused.refusal();
    }

    @Test
    void answersWhatIsStored() {
        assertThat(rules.query(7, false, QueueBounds.UNKNOWN, 0).value()).isEqualTo(7);
    }

    @Test
    void startsAtZeroWhileTheFirstMessageIsInMemory() {
        assertThat(rules.query(-1, true, new QueueBounds(0, 10, 500), 1500).value())
                .isZero();
        assertThat(rules.query(-1, true, new QueueBounds(0, 10, 499), 1500).refused())
                .isNotNull();
    }

    @Test
    void startsAtZeroInAQueueWithoutMessages() {
        assertThat(rules.query(-1, true, QueueBounds.UNKNOWN, 1500).value()).isZero();
    }

    @Test
    void leavesTheStartToTheClientWhenTheFirstMessageIsGone() {
        assertThat(rules.query(-1, true, new QueueBounds(1, 10, 1400), 1500).refused())
                .extracting(refused -> refused == null ? null : refused.refusal())
                .isEqualTo(Refusal.NO_OFFSET);
    }

    @Test
    void leavesTheStartToAClientThatWantsNoZero() {
        assertThat(rules.query(-1, false, new QueueBounds(0, 10, 1400), 1500).refused())
                .isNotNull();
    }

    @Test
    void storesOffsetsWithinTheQueueAlsoLowerOnes() {
        assertThat(update("g", "orders", 0, 0)).isNull();
        assertThat(update("g", "orders", 3, 10)).isNull();
    }

    @Test
    void refusesOffsetsBelowZeroAndBeyondTheEnd() {
        assertThat(update("g", "orders", 0, -1)).isEqualTo(Refusal.INVALID_ARGUMENT);
        assertThat(update("g", "orders", 0, 11)).isEqualTo(Refusal.INVALID_ARGUMENT);
    }

    @Test
    void refusesUnknownGroupsTopicsAndQueuesInThisOrder() {
        assertThat(update("x", "nowhere", 9, 99)).isEqualTo(Refusal.GROUP_NOT_FOUND);
        assertThat(update("g", "nowhere", 9, 99)).isEqualTo(Refusal.TOPIC_NOT_FOUND);
        assertThat(update("g", "orders", 4, 1)).isEqualTo(Refusal.INVALID_ARGUMENT);
        assertThat(update("g", "orders", -1, 1)).isEqualTo(Refusal.INVALID_ARGUMENT);
    }

    @Test
    void knowsTheBoundsOfAnUnknownQueue() {
        assertThat(rules.max(QueueBounds.UNKNOWN)).isZero();
        assertThat(rules.min(QueueBounds.UNKNOWN)).isEqualTo(-1);
        assertThat(rules.earliest(QueueBounds.UNKNOWN, 77)).isEqualTo(-1);
        assertThat(rules.search(QueueBounds.UNKNOWN, Boundary.LOWER, 5, 9, 1)).isZero();
    }

    @Test
    void findsZeroWhenAllMessagesAreNewerThanTheUpperBoundary() {
        QueueBounds queue = new QueueBounds(3, 10, 50);
        assertThat(rules.search(queue, Boundary.UPPER, 99, 3, 100)).isZero();
        assertThat(rules.search(queue, Boundary.UPPER, 100, 4, 100)).isEqualTo(4);
        assertThat(rules.search(queue, Boundary.LOWER, 99, 3, 100)).isEqualTo(3);
    }

    @Test
    void readsTheWordOfABoundary() {
        assertThat(Boundary.of("upper")).isEqualTo(Boundary.UPPER);
        assertThat(Boundary.of("LOWER")).isEqualTo(Boundary.LOWER);
        assertThat(Boundary.of(null)).isEqualTo(Boundary.LOWER);
    }
}
