package io.vostok.broker.pop;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.wire.body.MessageQueue;
import io.vostok.wire.body.QueueAssignments;
import io.vostok.wire.body.RequestModeTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AssignmentRulesTest {
    private static final List<String> CLIENTS = List.of("c1", "c2", "c3");

    @Test
    void givesContiguousBlocksToPullers() {
        assertThat(indexes("c1", "AVG", null, 8)).containsExactly(0, 1, 2);
        assertThat(indexes("c2", "AVG", null, 8)).containsExactly(3, 4, 5);
        assertThat(indexes("c3", "AVG", null, 8)).containsExactly(6, 7);
        assertThat(indexes("c3", "AVG", null, 2))
                .as("fewer queues than clients")
                .isEmpty();
        assertThat(indexes("c2", "AVG_BY_CIRCLE", null, 8)).containsExactly(1, 4, 7);
        assertThat(indexes("stranger", "AVG", null, 8)).isEmpty();
    }

    @Test
    void givesEveryPopperAllOfEachBroker() {
        QueueAssignments assigned = assign("c1", "AVG", mode(0), queues(8));

        assertThat(assigned.mode()).isEqualTo("POP");
        assertThat(assigned.queues()).containsExactly(new MessageQueue("t", "a", -1), new MessageQueue("t", "b", -1));
    }

    @Test
    void sharesEachQueueAmongSomePoppers() {
        List<String> many = List.of("c1", "c2", "c3", "c4");
        QueueAssignments assigned = AssignmentRules.assign("t", "c4", "AVG", "CLUSTERING", mode(1), queues(4), many)
                .value();

        assertThat(assigned.queues()).containsExactly(new MessageQueue("t", "b", 1), new MessageQueue("t", "a", 0));
    }

    @Test
    void saysNothingWhileItKnowsNothing() {
        assertThat(AssignmentRules.assign("t", "c1", "AVG", "CLUSTERING", null, null, CLIENTS)
                        .value()
                        .queues())
                .isNull();
        assertThat(AssignmentRules.assign("t", "c1", "AVG", "CLUSTERING", null, queues(4), null)
                        .value()
                        .queues())
                .isNull();
        assertThat(new String(new QueueAssignments("PULL", null).write(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("{}");
    }

    @Test
    void refusesStrategiesItDoesNotKnow() {
        assertThat(Objects.requireNonNull(
                                AssignmentRules.assign("t", "c1", "CONFIG", "CLUSTERING", null, queues(4), CLIENTS)
                                        .refused())
                        .refusal())
                .isEqualTo(Refusal.UNSUPPORTED);
    }

    private static List<Integer> indexes(
            String client, String strategy, RequestModeTable.@Nullable Mode mode, int count) {
        List<MessageQueue> queues = new ArrayList<>();
        for (int i = 0; i < count; i++) queues.add(new MessageQueue("t", "a", i));
        return Objects.requireNonNull(assign(client, strategy, mode, queues).queues()).stream()
                .map(MessageQueue::queueId)
                .toList();
    }

    private static QueueAssignments assign(
            String client, String strategy, RequestModeTable.@Nullable Mode mode, List<MessageQueue> queues) {
        return AssignmentRules.assign("t", client, strategy, "CLUSTERING", mode, queues, CLIENTS)
                .value();
    }

    private static RequestModeTable.Mode mode(int share) {
        return new RequestModeTable.Mode("t", "g", "POP", share);
    }

    /** Half of them on each of two brokers. */
    private static List<MessageQueue> queues(int count) {
        List<MessageQueue> queues = new ArrayList<>();
        for (int i = 0; i < count; i++) queues.add(new MessageQueue("t", i < count / 2 ? "a" : "b", i % (count / 2)));
        return queues;
    }
}
