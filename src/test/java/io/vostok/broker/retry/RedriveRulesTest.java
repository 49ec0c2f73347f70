package io.vostok.broker.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.retry.RedriveRules.Target;
import io.vostok.broker.topic.BrokerIdentity;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.topic.TopicSettings;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.DataVersion;
import io.vostok.model.GroupName;
import io.vostok.model.Permission;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.QueueId;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RedriveRulesTest {
    private static final DataVersion VERSION = new DataVersion(0, 0, 0);
    private static final GroupName GROUP = new GroupName("billing");

    private final RedriveRules rules = new RedriveRules(
            new TopicRules(
                    new TopicSettings(true, true, 4, true, 100, 100, 100),
                    new BrokerIdentity("c", "b", 0, "127.0.0.1", 10_911)),
            new Random(1));
    private final GroupTable groups = GroupTable.of(List.of(ConsumerGroup.of(GROUP)), Map.of(), VERSION);

    private RetryDecision decide(Target target, PropertiesEditor letter, Topic... topics) {
        return rules.decide(GROUP, target, letter, TopicTable.of(Arrays.asList(topics), VERSION), groups);
    }

    private static Topic topic(String name) {
        return Topic.of(new TopicName(name), 1, Permission.READ_WRITE);
    }

    private static PropertiesEditor letter() {
        return new PropertiesEditor()
                .put("RETRY_TOPIC", "orders")
                .put("UNIQ_KEY", "u")
                .put("REAL_TOPIC", "%RETRY%billing")
                .put("own", "x");
    }

    @Test
    void sendsToTheGroupAloneWithNoAttemptCounted() {
        PropertiesEditor letter = letter();

        assertThat(decide(Target.GROUP, letter, topic("%RETRY%billing")))
                .isEqualTo(new RetryDecision.Store(new QueueId(new TopicName("%RETRY%billing"), 0), 0));
        assertThat(letter.get("RETRY_TOPIC")).isEqualTo("orders");
        assertThat(letter.get("UNIQ_KEY")).isEqualTo("u");
        assertThat(letter.get("own")).isEqualTo("x");
        assertThat(letter.contains("REAL_TOPIC")).isFalse();
    }

    @Test
    void sendsWhatWasPoppedWherePopsLook() {
        PropertiesEditor letter = letter().put("DLQ_ORIGIN_TOPIC", "orders").put("1ST_POP_TIME", "5");

        assertThat(decide(Target.GROUP, letter, topic("%RETRY%billing")))
                .isEqualTo(new RetryDecision.CreateTopic(topic("%RETRY%billing_orders")));
        assertThat(decide(Target.GROUP, letter, topic("%RETRY%billing_orders")))
                .isEqualTo(new RetryDecision.Store(new QueueId(new TopicName("%RETRY%billing_orders"), 0), 0));
        assertThat(letter.contains("1ST_POP_TIME")).isFalse();
    }

    @Test
    void sendsToTheTopicOfOriginWhenThatIsWanted() {
        PropertiesEditor letter = letter();

        assertThat(decide(Target.TOPIC, letter, topic("orders")))
                .isEqualTo(new RetryDecision.Store(new QueueId(new TopicName("orders"), 0), 0));
        assertThat(letter.contains("RETRY_TOPIC")).isFalse();
    }

    @Test
    void refusesWhatHasNowhereToGo() {
        assertThat(refusal(decide(Target.TOPIC, letter()))).isEqualTo(Refusal.TOPIC_NOT_FOUND);
        assertThat(refusal(decide(Target.GROUP, new PropertiesEditor()))).isEqualTo(Refusal.MESSAGE_ILLEGAL);
        assertThat(refusal(rules.decide(
                        new GroupName("gone"), Target.GROUP, letter(), TopicTable.of(List.of(), VERSION), groups)))
                .isEqualTo(Refusal.GROUP_NOT_FOUND);
    }

    private static Refusal refusal(RetryDecision decision) {
        return ((RetryDecision.Refuse) decision).refused().refusal();
    }
}
