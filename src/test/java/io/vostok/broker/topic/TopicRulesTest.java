package io.vostok.broker.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.DataVersion;
import io.vostok.model.GroupName;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TopicRulesTest {
    private static final DataVersion V = new DataVersion(0, 0, 0);
    private static final BrokerIdentity BROKER =
            new BrokerIdentity("DefaultCluster", "broker-a", 0, "127.0.0.1", 10911);

    private TopicRules rules = new TopicRules(TopicSettings.defaults(), BROKER);
    private TopicTable topics = TopicTable.of(rules.missingAtStart(TopicTable.of(List.of(), V)), V);

    private static @Nullable Refusal refusal(Ruling<?> ruling) {
        Refused refused = ruling.refused();
        return refused == null ? null : refused.refusal();
    }

    private static String words(Ruling<?> ruling) {
        Refused refused = ruling.refused();
        return refused == null ? "" : refused.words();
    }

    private Topic found(String name) {
        Topic topic = topics.find(name);
        if (topic == null) throw new AssertionError("no topic " + name);
        return topic;
    }

    private static TopicChange change(String topic, int read, int write, int perm, String attributes) {
        return new TopicChange(topic, read, write, perm, false, 0, false, attributes);
    }

    private static TopicSettings settings(boolean auto, int maxTopics) {
        return new TopicSettings(auto, auto, 8, false, maxTopics, 10, 16);
    }

    @Test
    void startsWithTheSystemTopics() {
        assertThat(found("TBW102")).isEqualTo(Topic.of(new TopicName("TBW102"), 8, 7));
        assertThat(found("DefaultCluster")).isEqualTo(Topic.of(new TopicName("DefaultCluster"), 16, 7));
        assertThat(found("broker-a").perm()).isEqualTo(7);
        assertThat(found("SCHEDULE_TOPIC_XXXX").readQueues()).isEqualTo(18);
        assertThat(found("BenchmarkTest").writeQueues()).isEqualTo(1024);
        assertThat(found("DefaultCluster_REPLY_TOPIC").perm()).isEqualTo(6);
        assertThat(found("rmq_sys_REVIVE_LOG_DefaultCluster").readQueues()).isEqualTo(8);
        assertThat(found("rmq_sys_SYNC_BROKER_MEMBER_broker-a").perm()).isEqualTo(1);
        assertThat(rules.missingAtStart(topics)).isEmpty();
    }

    @Test
    void hasATemplateOnlyWithAutoCreation() {
        rules = new TopicRules(settings(false, 100), BROKER);
        assertThat(rules.missingAtStart(TopicTable.of(List.of(), V)))
                .extracting(topic -> topic.name().value())
                .doesNotContain("TBW102", "RMQ_SYS_TRACE_TOPIC")
                .contains("SELF_TEST_TOPIC");
        assertThat(rules.announced(found("TBW102"))).isFalse();
        assertThat(rules.announced(found("broker-a"))).isTrue();
    }

    @Test
    void knowsSystemTopics() {
        assertThat(rules.isSystem("rmq_sys_anything")).isTrue();
        assertThat(rules.isSystem("broker-a")).isTrue();
        assertThat(rules.isSystem("orders")).isFalse();
        assertThat(rules.refusesClientSends("SCHEDULE_TOPIC_XXXX")).isTrue();
        assertThat(rules.refusesClientSends("BenchmarkTest")).isFalse();
    }

    @Test
    void createsFromTheTemplateWithTheFewerQueues() {
        assertThat(rules.autoCreate("orders", "TBW102", 4, 3, topics).value())
                .isEqualTo(new Topic(new TopicName("orders"), 4, 4, 6, false, 3, false, Map.of()));
        assertThat(rules.autoCreate("orders", "TBW102", 50, 0, topics).value().writeQueues())
                .isEqualTo(8);
    }

    @Test
    void createsNothingFromATopicThatIsNoTemplate() {
        assertThat(refusal(rules.autoCreate("orders", "BenchmarkTest", 4, 0, topics)))
                .isEqualTo(Refusal.TOPIC_NOT_FOUND);
        assertThat(refusal(rules.autoCreate("orders", "nowhere", 4, 0, topics))).isEqualTo(Refusal.TOPIC_NOT_FOUND);
        assertThat(refusal(rules.autoCreate("orders", null, 4, 0, topics))).isEqualTo(Refusal.TOPIC_NOT_FOUND);
    }

    @Test
    void namesTheRemedyWhenAutoCreationIsOff() {
        rules = new TopicRules(settings(false, 100), BROKER);
        assertThat(words(rules.autoCreate("orders", "TBW102", 4, 0, topics)))
                .isEqualTo("topic `orders` does not exist and auto-creation is off;"
                        + " create it with `java -jar vostok.jar topic create orders`");
    }

    @Test
    void createsRetryTopicsAlsoWithoutAutoCreation() {
        rules = new TopicRules(settings(false, 100), BROKER);
        assertThat(rules.autoCreate("%RETRY%g", null, 4, 0, topics).value())
                .isEqualTo(Topic.of(new TopicName("%RETRY%g"), 1, 6));
        assertThat(refusal(rules.autoCreate("%RETRY%", null, 4, 0, topics))).isEqualTo(Refusal.INVALID_ARGUMENT);
    }

    @Test
    void refusesBadNamesAndQueueCounts() {
        assertThat(refusal(rules.autoCreate("../x", "TBW102", 4, 0, topics))).isEqualTo(Refusal.INVALID_ARGUMENT);
        assertThat(refusal(rules.autoCreate("x", "TBW102", 0, 0, topics))).isEqualTo(Refusal.INVALID_ARGUMENT);
    }

    @Test
    void takesNoMoreTopicsThanItsBound() {
        rules = new TopicRules(settings(true, topics.size()), BROKER);
        assertThat(refusal(rules.autoCreate("orders", "TBW102", 4, 0, topics))).isEqualTo(Refusal.FORBIDDEN);
        assertThat(refusal(rules.autoCreate("%RETRY%g", null, 4, 0, topics))).isEqualTo(Refusal.FORBIDDEN);
        assertThat(refusal(rules.change(change("orders", 4, 4, 6, ""), topics))).isEqualTo(Refusal.FORBIDDEN);
        assertThat(rules.missingRetryTopic(ConsumerGroup.of(new GroupName("g")), topics))
                .isNotNull();
    }

    @Test
    void createsAndReplacesOnDemand() {
        Topic created = rules.change(change("orders", 4, 2, 6, "+message.type=FIFO"), topics)
                .value();
        assertThat(created.attributes()).containsExactly(Map.entry("message.type", "FIFO"));
        topics = topics.with(created, 1);
        Topic kept = rules.change(change("orders", 8, 8, 4, ""), topics).value();
        assertThat(kept.attributes()).containsEntry("message.type", "FIFO");
        assertThat(kept.readQueues()).isEqualTo(8);
        assertThat(kept.perm()).isEqualTo(4);
        assertThat(rules.change(change("orders", 8, 8, 4, "-message.type"), topics)
                        .value()
                        .attributes())
                .isEmpty();
    }

    @Test
    void refusesChangesThatMakeNoTopic() {
        List<TopicChange> wrong = List.of(
                change("a/b", 4, 4, 6, ""),
                change("TBW102", 4, 4, 6, ""),
                change("orders", -1, 4, 6, ""),
                change("orders", 4, 1025, 6, ""),
                change("orders", 0, 0, 6, ""),
                change("orders", 4, 4, 16, ""),
                change("orders", 4, 4, -1, ""),
                change("orders", 4, 4, 6, "message.type=FIFO"),
                change("orders", 4, 4, 6, "+message.type=CIRCULAR"),
                change("orders", 4, 4, 6, "+colour=red"),
                change("orders", 4, 4, 6, "-message.type"),
                change("orders", 4, 4, 6, "+message.type=FIFO,+message.type=DELAY"),
                change("orders", 4, 4, 6, "+lite.topic.expiration=43201"),
                change("orders", 4, 4, 6, "+reserve.time=soon"));
        for (TopicChange change : wrong) {
            assertThat(refusal(rules.change(change, topics)))
                    .as(change.toString())
                    .isEqualTo(Refusal.INVALID_ARGUMENT);
        }
    }

    @Test
    void saysWhichAttributesAreNotBuilt() {
        assertThat(refusal(rules.change(change("orders", 4, 4, 6, "+queue.type=BatchCQ"), topics)))
                .isEqualTo(Refusal.UNSUPPORTED);
        assertThat(refusal(rules.change(change("orders", 4, 4, 6, "+cleanup.policy=COMPACTION"), topics)))
                .isEqualTo(Refusal.UNSUPPORTED);
    }

    @Test
    void keepsAttributesThatNeverChange() {
        topics = topics.with(
                rules.change(change("orders", 4, 4, 6, "+queue.type=SimpleCQ"), topics)
                        .value(),
                1);
        assertThat(refusal(rules.change(change("orders", 4, 4, 6, "-queue.type"), topics)))
                .isEqualTo(Refusal.INVALID_ARGUMENT);
    }

    @Test
    void deletesUserTopicsOnly() {
        assertThat(rules.delete("orders").value()).isEqualTo(new TopicName("orders"));
        assertThat(refusal(rules.delete("BenchmarkTest"))).isEqualTo(Refusal.INVALID_ARGUMENT);
        assertThat(refusal(rules.delete("../x"))).isEqualTo(Refusal.INVALID_ARGUMENT);
    }

    @Test
    void createsTopicsOfAGroupOnce() {
        ConsumerGroup group = ConsumerGroup.of(new GroupName("g"));
        Topic retry = rules.missingRetryTopic(group, topics);
        assertThat(retry).isEqualTo(Topic.of(new TopicName("%RETRY%g"), 1, 6));
        Topic dead = rules.missingDeadLetterTopic(group.name(), topics);
        assertThat(dead).isEqualTo(Topic.of(new TopicName("%DLQ%g"), 1, 6));
        if (retry == null || dead == null) throw new AssertionError();
        topics = topics.with(List.of(retry, dead), 1);
        assertThat(rules.missingRetryTopic(group, topics)).isNull();
        assertThat(rules.missingDeadLetterTopic(group.name(), topics)).isNull();
    }

    @Test
    void refusesABrokerWhoseNameCannotNameTopics() {
        assertThatThrownBy(() -> new BrokerIdentity("c", "host.example", 0, "h", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("host.example");
    }
}
