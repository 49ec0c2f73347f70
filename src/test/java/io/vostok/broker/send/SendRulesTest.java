package io.vostok.broker.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
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
import io.vostok.model.SysFlag;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Each row of remoting reference 4.2 that concerns sends, and the additions of the broker. */
class SendRulesTest {
    private static final DataVersion FIRST = new DataVersion(0, 0, 0);
    private static final Topic ORDERS = Topic.of(new TopicName("orders"), 4, Permission.READ_WRITE);

    private final BrokerIdentity identity = new BrokerIdentity("c", "b", 0, "127.0.0.1", 10911);
    private final TopicRules topicRules = new TopicRules(TopicSettings.defaults(), identity);
    private final PropertiesEditor properties = new PropertiesEditor();
    private TopicTable topics =
            TopicTable.of(List.of(ORDERS), FIRST).with(topicRules.missingAtStart(TopicTable.of(List.of(), FIRST)), 1);
    private GroupTable groups = GroupTable.of(List.of(), Map.of(), FIRST);

    @Test
    void storesInTheQueueTheClientChose() {
        assertThat(decide(aSend("orders", 3))).isEqualTo(new SendDecision.Store(ORDERS, 3));
    }

    @Test
    void choosesAWriteQueueWhenTheClientChoosesNone() {
        SendDecision.Store store = (SendDecision.Store) decide(aSend("orders", -1));

        assertThat(store.queueId()).isBetween(0, 3);
    }

    @Test
    void storesAMessageWithAPriorityInTheQueueOfThatNumber() {
        properties.put(MessageProperties.PRIORITY, "2");
        assertThat(decide(aSend("orders", 0))).isEqualTo(new SendDecision.Store(ORDERS, 2));

        properties.put(MessageProperties.PRIORITY, "9");
        assertThat(decide(aSend("orders", 0))).isEqualTo(new SendDecision.Store(ORDERS, 3));
        assertThat(properties.get(MessageProperties.PRIORITY)).isEqualTo("9");
    }

    @Test
    void takesThePriorityOffADelayedMessage() {
        properties.put(MessageProperties.PRIORITY, "2").put(MessageProperties.DELAY, "3");

        assertThat(decide(aSend("orders", 0))).isEqualTo(new SendDecision.Store(ORDERS, 0));
        assertThat(properties.get(MessageProperties.PRIORITY)).isNull();
    }

    @Test
    void refusesAQueueThatDoesNotExist() {
        assertThat(refusal(aSend("orders", 4))).isEqualTo(Refusal.INVALID_ARGUMENT);
    }

    @Test
    void refusesANameThatIsNoTopicName() {
        assertThat(refusal(aSend("../etc", 0))).isEqualTo(Refusal.INVALID_ARGUMENT);
    }

    @Test
    void refusesTopicsThatBelongToTheBroker() {
        assertThat(refusal(aSend("SCHEDULE_TOPIC_XXXX", 0))).isEqualTo(Refusal.FORBIDDEN);
    }

    @Test
    void createsAnUnknownTopicFromItsTemplate() {
        SendDecision.CreateTopic create = (SendDecision.CreateTopic) decide(aSend("fresh", 0));

        assertThat(create.topic().name().value()).isEqualTo("fresh");
        assertThat(create.topic().writeQueues()).isEqualTo(4);
        assertThat(create.topic().perm()).isEqualTo(Permission.READ_WRITE);
    }

    @Test
    void refusesATopicThatIsNotWritable() {
        topics = topics.with(Topic.of(new TopicName("archive"), 1, Permission.READ), 2);

        assertThat(refusal(aSend("archive", 0))).isEqualTo(Refusal.FORBIDDEN);
    }

    @Test
    void refusesAnEmptyBody() {
        assertThat(refusal(aSend("orders", 0), 0)).isEqualTo(Refusal.MESSAGE_ILLEGAL);
    }

    @Test
    void takesTheLargestBodyAndRefusesOneByteMore() {
        assertThat(decide(aSend("orders", 0), 4096)).isInstanceOf(SendDecision.Store.class);
        assertThat(refusal(aSend("orders", 0), 4097)).isEqualTo(Refusal.MESSAGE_TOO_LARGE);
    }

    @Test
    void refusesPropertiesBeyondTheirLength() {
        properties.load(new byte[0], 0, 0).put("k", "v".repeat(SendRules.MAX_PROPERTIES_BYTES));

        assertThat(refusal(aSend("orders", 0))).isEqualTo(Refusal.MESSAGE_TOO_LARGE);
    }

    @Test
    void refusesFlagsOfATransactionWithoutItsProperty() {
        Send prepared = aSend("orders", 0, SysFlag.TRANSACTION_PREPARED, 0, -1);
        assertThat(refusal(prepared)).isEqualTo(Refusal.MESSAGE_ILLEGAL);

        properties.put(MessageProperties.TRAN_MSG, "true");
        assertThat(decide(prepared)).isInstanceOf(SendDecision.Store.class);
    }

    @Test
    void takesDelayLevelZeroAsNoDelay() {
        properties.put(MessageProperties.DELAY, "0");

        assertThat(decide(aSend("orders", 0))).isInstanceOf(SendDecision.Store.class);
    }

    @Test
    void takesADelayLevelAlsoBesideATime() {
        properties.put(MessageProperties.DELAY, "3").put(MessageProperties.TIMER_DELAY_SEC, "9");

        assertThat(decide(aSend("orders", 2))).isEqualTo(new SendDecision.Store(ORDERS, 2));
    }

    @Test
    void refusesABatchWithADelayLevel() {
        properties.put(MessageProperties.DELAY, "3");
        Send batch = new Send("p", "orders", "TBW102", 4, 0, 0, 1L, 0, 0, false, -1, true);

        assertThat(refusal(batch)).isEqualTo(Refusal.MESSAGE_ILLEGAL);
    }

    @Test
    void refusesARetryOfAnUnknownGroup() {
        assertThat(refusal(aSend("%RETRY%billing", 0))).isEqualTo(Refusal.GROUP_NOT_FOUND);
    }

    @Test
    void turnsWhatAGroupGaveUpOnIntoADeadLetter() {
        aGroupWithRetryTopic("billing");
        Send givenUp = aSend("%RETRY%billing", 0, 0, 4, 3);
        properties.put(MessageProperties.DELAY, "6");

        assertThat(decide(givenUp)).isEqualTo(new SendDecision.CreateDeadLetterTopic(new GroupName("billing")));

        Topic deadLetters = Topic.of(new TopicName("%DLQ%billing"), 1, Permission.READ_WRITE);
        topics = topics.with(deadLetters, 3);
        assertThat(decide(givenUp)).isEqualTo(new SendDecision.Store(deadLetters, 0));
        assertThat(properties.contains(MessageProperties.DELAY)).isFalse();
    }

    @Test
    void turnsAnyRetryOfAGroupThatConsumesInOrderIntoADeadLetter() {
        aGroupWithRetryTopic("billing");
        Send first = aSend("%RETRY%billing", 0, 0, 1, 16);

        assertThat(rules().decide(first, properties, 10, topics, groups, group -> true))
                .isInstanceOf(SendDecision.CreateDeadLetterTopic.class);
        assertThat(decide(first)).isInstanceOf(SendDecision.Store.class);
    }

    @Test
    void refusesABatchToARetryTopic() {
        aGroupWithRetryTopic("billing");
        Send batch = new Send("p", "%RETRY%billing", "TBW102", 4, 0, 0, 1L, 0, 0, false, -1, true);

        assertThat(refusal(batch)).isEqualTo(Refusal.MESSAGE_ILLEGAL);
    }

    @Test
    void addsWhatConsumersExpectAndDropsWhatClientsMayNotSet() {
        properties.put(MessageProperties.UNIQ_KEY, "id-1").put(MessageProperties.POP_CK, "x");
        properties.put(MessageProperties.CRC32, "123");

        assertThat(rules().complete(properties)).isEqualTo("id-1");

        assertThat(properties.get(MessageProperties.MSG_REGION)).isEqualTo("DefaultRegion");
        assertThat(properties.get(MessageProperties.TRACE_ON)).isEqualTo("true");
        assertThat(properties.get(MessageProperties.CLUSTER)).isEqualTo("c");
        assertThat(properties.contains(MessageProperties.POP_CK)).isFalse();
        assertThat(properties.contains(MessageProperties.CRC32)).isFalse();
    }

    @Test
    void makesAUniqueIdForClientsThatSendNone() {
        SendRules rules = rules();
        String first = rules.complete(properties);
        String second = rules.complete(properties.load(new byte[0], 0, 0));

        assertThat(first).matches("[0-9A-F]{32}");
        assertThat(second).matches("[0-9A-F]{32}").isNotEqualTo(first);
    }

    private void aGroupWithRetryTopic(String name) {
        ConsumerGroup group = ConsumerGroup.of(new GroupName(name));
        groups = groups.with(group, 2);
        topics = topics.with(Topic.of(TopicName.retryOf(group.name()), 1, Permission.READ_WRITE), 2);
    }

    private static Send aSend(String topic, int queueId) {
        return aSend(topic, queueId, 0, 0, -1);
    }

    private static Send aSend(String topic, int queueId, int sysFlag, int reconsumeTimes, int maxReconsumeTimes) {
        return new Send(
                "p", topic, "TBW102", 4, queueId, sysFlag, 1L, 0, reconsumeTimes, false, maxReconsumeTimes, false);
    }

    private SendRules rules() {
        return new SendRules(
                new SendSettings(Permission.READ_WRITE, 4096, "c", "DefaultRegion", true),
                topicRules,
                new SplittableRandom(1));
    }

    private SendDecision decide(Send send) {
        return decide(send, 10);
    }

    private SendDecision decide(Send send, int bodyBytes) {
        return rules().decide(send, properties, bodyBytes, topics, groups, group -> false);
    }

    private Refusal refusal(Send send) {
        return refusal(send, 10);
    }

    private Refusal refusal(Send send, int bodyBytes) {
        assertThat(decide(send, bodyBytes)).isInstanceOf(SendDecision.Refuse.class);
        return ((SendDecision.Refuse) decide(send, bodyBytes)).refused().refusal();
    }
}
