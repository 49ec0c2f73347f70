package io.vostok.broker.offset;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.model.GroupName;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import org.junit.jupiter.api.Test;

class PendingResetsTest {
    private static final GroupName GROUP = new GroupName("g");
    private static final QueueId FIRST = new QueueId(new TopicName("t"), 0);
    private static final QueueId SECOND = new QueueId(new TopicName("t"), 1);

    private final PendingResets resets = new PendingResets();

    @Test
    void isPendingUntilItIsTaken() {
        resets.add(GROUP, FIRST, 0);
        resets.add(GROUP, SECOND, 7);

        assertThat(resets.target(GROUP, SECOND)).isEqualTo(7);
        assertThat(resets.take(GROUP, SECOND)).isEqualTo(7);
        assertThat(resets.take(GROUP, SECOND)).isEqualTo(PendingResets.NONE);
        assertThat(resets.target(GROUP, FIRST)).isZero();
        assertThat(resets.target(new GroupName("other"), FIRST)).isEqualTo(PendingResets.NONE);
    }

    @Test
    void forgetsTopicsThatAreGone() {
        resets.add(GROUP, FIRST, 3);

        resets.forget((group, topic) -> topic.value().equals("t"));

        assertThat(resets.target(GROUP, FIRST)).isEqualTo(PendingResets.NONE);
    }
}
