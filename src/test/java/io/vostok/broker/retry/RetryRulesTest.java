package io.vostok.broker.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.delay.DelayRules;
import io.vostok.broker.topic.BrokerIdentity;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.topic.TopicSettings;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.DataVersion;
import io.vostok.model.GroupName;
import io.vostok.model.MessageProperties;
import io.vostok.model.Permission;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.QueueId;
import io.vostok.model.SysFlag;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.store.timer.DelayQueues;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each row of remoting reference 10.1. */
class RetryRulesTest {
    private static final DataVersion FIRST = new DataVersion(0, 0, 0);
    private static final ConsumerGroup BILLING = ConsumerGroup.of(new GroupName("billing"));
    private static final Topic RETRY = Topic.of(TopicName.retryOf(BILLING.name()), 1, Permission.READ_WRITE);
    private static final Topic DEAD = Topic.of(new TopicName("%DLQ%billing"), 1, Permission.READ_WRITE);

    private final TopicRules topicRules =
            new TopicRules(TopicSettings.defaults(), new BrokerIdentity("c", "b", 0, "127.0.0.1", 10911));
    private final PropertiesEditor properties = new PropertiesEditor();
    private TopicTable topics = TopicTable.of(List.of(RETRY, DEAD), FIRST);
    private GroupTable groups = GroupTable.of(List.of(BILLING), Map.of(), FIRST);
    private int permission = Permission.READ_WRITE;

    @Test
    void refusesAnUnknownGroup() {
        groups = GroupTable.of(List.of(), Map.of(), FIRST);

        assertThat(refusal(check(wish(0, 16)))).isEqualTo(Refusal.GROUP_NOT_FOUND);
    }

    @Test
    void refusesWhenTheBrokerIsNotWritable() {
        permission = Permission.READ;

        assertThat(refusal(check(wish(0, 16)))).isEqualTo(Refusal.FORBIDDEN);
    }

    @Test
    void dropsWhatAGroupWithoutRetryQueuesSendsBack() {
        groups = groups.with(
                new ConsumerGroup(BILLING.name(), true, true, true, false, 0, 16, 0, 1, true, 0, 15, null), 2);

        assertThat(check(wish(0, 16))).isEqualTo(new RetryDecision.Drop());
    }

    @Test
    void createsTheRetryTopicFirst() {
        topics = TopicTable.of(List.of(), FIRST);

        assertThat(check(wish(0, 16))).isEqualTo(new RetryDecision.CreateTopic(RETRY));
    }

    @Test
    void refusesARetryTopicThatIsNotWritable() {
        topics = topics.with(Topic.of(RETRY.name(), 1, Permission.READ), 2);

        assertThat(refusal(check(wish(0, 16)))).isEqualTo(Refusal.FORBIDDEN);
    }

    @ParameterizedTest
    @CsvSource({"0,3", "1,4", "5,8", "15,18"})
    void waitsLongerWithEachAttempt(int times, int level) {
        RetryDecision.Store store = stored(copy(wish(0, 16), times));

        assertThat(store.queue()).isEqualTo(new QueueId(DelayQueues.TOPIC, level - 1));
        assertThat(store.reconsumeTimes()).isEqualTo(times + 1);
        assertThat(properties.get(MessageProperties.REAL_TOPIC)).isEqualTo("%RETRY%billing");
        assertThat(properties.get(MessageProperties.DELAY)).isEqualTo("" + level);
    }

    @Test
    void waitsAsTheConsumerWishes() {
        assertThat(stored(copy(wish(7, 16), 2)).queue().index()).isEqualTo(6);
    }

    @Test
    void keepsTheFirstTopicAndTheFirstId() {
        copy(wish(0, 16), 0);
        assertThat(properties.get(MessageProperties.RETRY_TOPIC)).isEqualTo("orders");
        assertThat(properties.get(MessageProperties.ORIGIN_MESSAGE_ID)).isEqualTo("ID");
        assertThat(properties.get(MessageProperties.WAIT)).isEqualTo("false");

        rules().copy(wish(0, 16), read(), "%RETRY%billing", 0, 1, "ID2", properties, topics);
        assertThat(properties.get(MessageProperties.RETRY_TOPIC)).isEqualTo("orders");
        assertThat(properties.get(MessageProperties.ORIGIN_MESSAGE_ID)).isEqualTo("ID");
    }

    @Test
    void makesADeadLetterAfterAsManyTimesAsTheConsumerSays() {
        properties.put(MessageProperties.DELAY, "5");

        assertThat(copy(wish(0, 2), 2)).isEqualTo(new RetryDecision.Store(new QueueId(DEAD.name(), 0), 3));
        assertThat(properties.contains(MessageProperties.DELAY)).isFalse();
        assertThat(properties.get(MessageProperties.RETRY_TOPIC)).isEqualTo("orders");
    }

    @Test
    void makesADeadLetterAfterTheGroupsMostTimesWhenTheConsumerSaysNone() {
        assertThat(stored(copy(wish(0, -1), 15)).queue().topic()).isEqualTo(DelayQueues.TOPIC);
        assertThat(stored(copy(wish(0, -1), 16)).queue().topic()).isEqualTo(DEAD.name());
    }

    @Test
    void makesADeadLetterAtOnceWhenTheConsumerWishes() {
        assertThat(copy(wish(-1, 16), 0)).isEqualTo(new RetryDecision.Store(new QueueId(DEAD.name(), 0), 1));
    }

    @Test
    void createsTheDeadLetterTopicReadableFirst() {
        topics = TopicTable.of(List.of(RETRY), FIRST);

        assertThat(copy(wish(-1, 16), 0)).isEqualTo(new RetryDecision.CreateTopic(DEAD));
        assertThat(properties.length()).as("nothing is changed before").isZero();
    }

    @Test
    void findsNoHalfMessage() {
        assertThat(rules().copy(
                                wish(0, 16),
                                read(),
                                "orders",
                                SysFlag.TRANSACTION_PREPARED,
                                0,
                                "ID",
                                properties,
                                topics))
                .isInstanceOf(RetryDecision.Refuse.class);
    }

    @ParameterizedTest
    @CsvSource({"2147483646,18", "-5,3"})
    void doesNotTurnRoundOnOddAttemptCounts(int times, int level) {
        RetryDecision.Store store = stored(copy(wish(0, Integer.MAX_VALUE), times));

        assertThat(store.queue().index()).isEqualTo(level - 1);
        assertThat(store.reconsumeTimes()).isPositive();
    }

    private static SendBack wish(int level, int most) {
        return new SendBack("billing", 100, level, most);
    }

    private RetryRules rules() {
        return new RetryRules(
                permission,
                topicRules,
                new DelayRules(18, java.time.Duration.ofDays(30), "broker-a"),
                new SplittableRandom(1));
    }

    private RetryDecision check(SendBack wish) {
        return rules().check(wish, topics, groups);
    }

    private RetryDecision.Read read() {
        return new RetryDecision.Read(BILLING, RETRY);
    }

    private RetryDecision copy(SendBack wish, int reconsumeTimes) {
        return rules().copy(wish, read(), "orders", 0, reconsumeTimes, "ID", properties, topics);
    }

    private static RetryDecision.Store stored(RetryDecision decision) {
        assertThat(decision).isInstanceOf(RetryDecision.Store.class);
        return (RetryDecision.Store) decision;
    }

    private static Refusal refusal(RetryDecision decision) {
        assertThat(decision).isInstanceOf(RetryDecision.Refuse.class);
        return ((RetryDecision.Refuse) decision).refused().refusal();
    }
}
