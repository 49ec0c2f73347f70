package io.vostok.broker.pop;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.topic.BrokerIdentity;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.topic.TopicSettings;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.DataVersion;
import io.vostok.model.GroupName;
import io.vostok.model.MessageProperties;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.QueueId;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReviveRulesTest {
    private static final DataVersion V = new DataVersion(0, 0, 0);
    private static final GroupName BILLING = new GroupName("billing");
    private static final TopicName ORDERS = new TopicName("orders");
    private static final TopicName RETRY = new TopicName("%RETRY%billing_orders");
    private static final TopicName RETRY_V2 = new TopicName("%RETRY%billing+orders");
    private static final TopicName DEAD = new TopicName("%DLQ%billing");

    private final ReviveRules rules = new ReviveRules(new TopicRules(
            new TopicSettings(true, true, 8, true, 100, 100, 16), new BrokerIdentity("c", "b", 0, "h", 1)));
    private final GroupTable groups = GroupTable.of(
            List.of(new ConsumerGroup(BILLING, true, true, true, false, 1, 3, 0, 1, true, 0, 15, null)), Map.of(), V);
    private final PropertiesEditor properties = new PropertiesEditor();
    private TopicTable topics = topics(ORDERS, RETRY, RETRY_V2, DEAD);

    private static TopicTable topics(TopicName... names) {
        return TopicTable.of(
                List.of(names).stream().map(name -> Topic.of(name, 1, 6)).toList(), V);
    }

    private ReviveDecision decide(TopicName stored, boolean dead, int attempts) {
        return rules.decide(BILLING, stored, dead, attempts, 1_234, "ID", properties, topics, groups);
    }

    private void load(String text) {
        properties.load(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private String text() {
        return new String(properties.bytes(), 0, properties.length(), StandardCharsets.US_ASCII);
    }

    @Test
    void copiesToTheRetryTopicWithOneMoreAttempt() {
        load("POP_CK\u00011 2 3\u0002a\u0001b\u0002");
        assertThat(decide(ORDERS, false, 0)).isEqualTo(new ReviveDecision.Store(new QueueId(RETRY, 0), 1));
        assertThat(text())
                .contains("a\u0001b")
                .contains(MessageProperties.ORIGIN_GROUP + "\u0001billing")
                .contains(MessageProperties.FIRST_POP_TIME + "\u00011234")
                .doesNotContain("POP_CK");
    }

    @Test
    void keepsTheTimeOfTheFirstPop() {
        load(MessageProperties.FIRST_POP_TIME + "\u000199\u0002");
        decide(RETRY, false, 1);
        assertThat(text()).contains(MessageProperties.FIRST_POP_TIME + "\u000199");
    }

    @Test
    void staysInTheRetryTopicInWhichItIs() {
        assertThat(decide(RETRY, false, 1)).isEqualTo(new ReviveDecision.Store(new QueueId(RETRY, 0), 2));
        assertThat(decide(RETRY_V2, false, 1)).isEqualTo(new ReviveDecision.Store(new QueueId(RETRY_V2, 0), 2));
    }

    @Test
    void becomesADeadLetterAfterTheGroupsAttempts() {
        assertThat(decide(RETRY, false, 2)).isEqualTo(new ReviveDecision.Store(new QueueId(RETRY, 0), 3));
        assertThat(decide(RETRY, false, 3)).isEqualTo(new ReviveDecision.Store(new QueueId(DEAD, 0), 4));
        assertThat(text())
                .contains(MessageProperties.DLQ_ORIGIN_TOPIC + "\u0001orders")
                .contains(MessageProperties.DLQ_ORIGIN_MESSAGE_ID + "\u0001ID")
                .contains(MessageProperties.RETRY_TOPIC + "\u0001orders")
                .contains(MessageProperties.ORIGIN_MESSAGE_ID + "\u0001ID");
    }

    @Test
    void becomesADeadLetterWhenThatIsAskedFor() {
        assertThat(decide(ORDERS, true, 0)).isEqualTo(new ReviveDecision.Store(new QueueId(DEAD, 0), 1));
    }

    @Test
    void countsOnFromWhateverARecordHolds() {
        assertThat(decide(ORDERS, false, -7)).isEqualTo(new ReviveDecision.Store(new QueueId(RETRY, 0), 1));
        assertThat(decide(ORDERS, false, Integer.MAX_VALUE))
                .isInstanceOfSatisfying(
                        ReviveDecision.Store.class,
                        store -> assertThat(store.reconsumeTimes()).isPositive());
    }

    @Test
    void asksForTopicsThatAreMissing() {
        topics = topics(ORDERS);
        assertThat(decide(ORDERS, false, 0))
                .isInstanceOfSatisfying(
                        ReviveDecision.CreateTopic.class,
                        create -> assertThat(create.topic().name()).isEqualTo(RETRY));
        assertThat(decide(ORDERS, true, 0))
                .isInstanceOfSatisfying(
                        ReviveDecision.CreateTopic.class,
                        create -> assertThat(create.topic().name()).isEqualTo(DEAD));
    }

    @Test
    void dropsWhatNobodyCanGet() {
        topics = topics(RETRY);
        assertThat(decide(ORDERS, false, 0)).isInstanceOf(ReviveDecision.Drop.class);
        assertThat(ReviveRules.check(new GroupName("gone"), RETRY, topics, groups))
                .isNotNull();
    }

    @Test
    void losesNoMessageWhoseNameLeavesNoRoomForARetryTopic() {
        TopicName longest = new TopicName("t".repeat(127));
        topics = topics(longest, DEAD);
        assertThat(decide(longest, false, 0))
                .isInstanceOf(ReviveDecision.class)
                .isNotInstanceOf(ReviveDecision.Drop.class);
    }

    @Test
    void losesNoMessageWhosePropertiesLeaveNoRoomForOurs() {
        String value = "v".repeat(MessageProperties.LARGEST_BYTES - 4);
        load("k\u0001" + value + "\u0002");
        assertThat(decide(ORDERS, false, 0)).isEqualTo(new ReviveDecision.Store(new QueueId(RETRY, 0), 1));
        assertThat(properties.length()).isLessThanOrEqualTo(MessageProperties.LARGEST_BYTES);
        assertThat(text()).contains(value);
    }
}
