package io.vostok.broker.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.session.ClientChannel;
import io.vostok.broker.session.SessionSettings;
import io.vostok.broker.session.Sessions;
import io.vostok.broker.session.SubscriptionTable;
import io.vostok.broker.topic.BrokerIdentity;
import io.vostok.broker.topic.GroupRules;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.topic.TopicSettings;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.DataVersion;
import io.vostok.model.GroupName;
import io.vostok.model.Permission;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.wire.body.ConsumerData;
import io.vostok.wire.body.HeartbeatData;
import io.vostok.wire.body.SubscriptionData;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PullRulesTest {
    private static final int BY_HEARTBEAT = 2;
    private static final int OWN_SUBSCRIPTION = 6;
    private static final DataVersion V = new DataVersion(0, 0, 0);
    private static final TopicSettings NO_AUTO = new TopicSettings(false, false, 8, true, 100, 100, 16);

    private record Channel(long id) implements ClientChannel {
        @Override
        public String address() {
            return "127.0.0.1:" + id;
        }
    }

    private TopicTable topics = TopicTable.of(List.of(Topic.of(new TopicName("orders"), 4, 6)), V);
    private GroupTable groups = GroupTable.of(List.of(group(true, true)), Map.of(), V);
    private SubscriptionTable online = heartbeat("CLUSTERING", "A || B", "TAG", 10);
    private PullRules rules = new PullRules(PullSettings.defaults(), new GroupRules(NO_AUTO));

    private static ConsumerGroup group(boolean consumes, boolean broadcasts) {
        return new ConsumerGroup(
                new GroupName("billing"), consumes, true, broadcasts, false, 1, 16, 0, 1, true, 0, 15, null);
    }

    private SubscriptionTable heartbeat(String model, String expression, String type, long version) {
        Sessions sessions = new Sessions(
                SessionSettings.defaults(),
                new GroupRules(NO_AUTO),
                new TopicRules(NO_AUTO, new BrokerIdentity("c", "b", 0, "h", 1)));
        ConsumerData consumer = new ConsumerData(
                "billing",
                "CONSUME_PASSIVELY",
                model,
                "CONSUME_FROM_LAST_OFFSET",
                false,
                List.of(new SubscriptionData("orders", expression, type, Set.of(), Set.of(), version, false)));
        sessions.heartbeat(
                new HeartbeatData("client", List.of(), List.of(consumer), 0, false),
                new Channel(1),
                0,
                0,
                0,
                groups,
                topics);
        return sessions.table();
    }

    private static PullRequest pull(int sysFlag) {
        return new PullRequest("billing", "orders", 0, 0, 32, sysFlag, 0, 15_000, null, 10, null, 0);
    }

    private static PullRequest pull(String topic, int queue, long subVersion) {
        return new PullRequest("billing", topic, queue, 0, 32, BY_HEARTBEAT, 0, 15_000, null, subVersion, null, 0);
    }

    private static PullRequest ownSubscription(@Nullable String expression, @Nullable String type) {
        return new PullRequest("billing", "orders", 0, 0, 32, OWN_SUBSCRIPTION, 0, 0, expression, 0, type, 0);
    }

    private PullCheck check(PullRequest pull) {
        return rules.check(pull, topics, groups, online);
    }

    private void refuses(PullRequest pull, Refusal refusal) {
        assertThat(check(pull))
                .isInstanceOfSatisfying(
                        PullCheck.No.class,
                        no -> assertThat(no.refused().refusal())
                                .as(no.refused().words())
                                .isEqualTo(refusal));
    }

    private PullCheck.Read reads(PullRequest pull) {
        PullCheck check = check(pull);
        assertThat(check).isInstanceOf(PullCheck.Read.class);
        return (PullCheck.Read) check;
    }

    @Test
    void readsWithTheFilterOfTheHeartbeat() {
        PullCheck.Read read = reads(pull(BY_HEARTBEAT));
        assertThat(read.filter().matchesUnit("A".hashCode())).isTrue();
        assertThat(read.filter().matchesUnit("C".hashCode())).isFalse();
        assertThat(read.queue().topic()).isSameAs(topics.all().iterator().next().name());
    }

    @Test
    void parsesNothingForASecondPull() {
        assertThat(reads(pull(BY_HEARTBEAT)).filter())
                .isSameAs(reads(pull(BY_HEARTBEAT)).filter());
        assertThat(reads(ownSubscription("A || B", null)).filter())
                .isSameAs(reads(pull(BY_HEARTBEAT)).filter());
    }

    @Test
    void readsWithTheFilterOfTheRequest() {
        PullCheck.Read read = reads(ownSubscription("C", "TAG"));
        assertThat(read.filter().matchesUnit("C".hashCode())).isTrue();
        assertThat(read.filter().matchesUnit("A".hashCode())).isFalse();
        assertThat(reads(ownSubscription(null, null)).filter().matchesUnit(123)).isTrue();
    }

    @Test
    void needsNoHeartbeatForARequestWithItsOwnSubscription() {
        online = SubscriptionTable.EMPTY;
        assertThat(reads(ownSubscription("*", null)).filter().matchesUnit(5)).isTrue();
    }

    @Test
    void refusesWhenTheBrokerIsNotReadable() {
        rules = new PullRules(
                new PullSettings(Permission.WRITE, 32, 1024, Duration.ofSeconds(15), Duration.ofSeconds(20)),
                new GroupRules(NO_AUTO));
        refuses(pull(BY_HEARTBEAT), Refusal.FORBIDDEN);
    }

    @Test
    void refusesAnUnknownGroupBeforeAnUnknownTopic() {
        groups = GroupTable.of(List.of(), Map.of(), V);
        refuses(pull("nowhere", 0, 0), Refusal.GROUP_NOT_FOUND);
    }

    @Test
    void asksToCreateAGroupThatMayBe() {
        groups = GroupTable.of(List.of(), Map.of(), V);
        rules = new PullRules(PullSettings.defaults(), new GroupRules(TopicSettings.defaults()));
        assertThat(check(pull(BY_HEARTBEAT)))
                .isEqualTo(new PullCheck.CreateGroup(ConsumerGroup.of(new GroupName("billing"))));
    }

    @Test
    void refusesADisabledGroup() {
        groups = GroupTable.of(List.of(group(false, true)), Map.of(), V);
        refuses(pull("nowhere", 0, 0), Refusal.FORBIDDEN);
    }

    @Test
    void refusesAnUnknownTopic() {
        refuses(pull("nowhere", 0, 0), Refusal.TOPIC_NOT_FOUND);
    }

    @Test
    void doesNotRepeatAMonstrousName() {
        PullCheck check = check(pull("x".repeat(100_000), 0, 0));
        assertThat(check)
                .isInstanceOfSatisfying(
                        PullCheck.No.class,
                        no -> assertThat(no.refused().words()).hasSizeLessThan(200));
    }

    @Test
    void refusesATopicThatIsNotReadable() {
        topics = topics.with(Topic.of(new TopicName("orders"), 4, Permission.WRITE), 1);
        refuses(pull(BY_HEARTBEAT), Refusal.FORBIDDEN);
    }

    @Test
    void refusesQueuesThatTheTopicLacks() {
        refuses(pull("orders", 4, 0), Refusal.INVALID_ARGUMENT);
        refuses(pull("orders", -1, 0), Refusal.INVALID_ARGUMENT);
    }

    @Test
    void refusesAnExpressionOfTheRequestThatNamesNothing() {
        refuses(ownSubscription(" || ", "TAG"), Refusal.SUBSCRIPTION_MALFORMED);
    }

    @Test
    void refusesAGroupWithoutMembers() {
        online = SubscriptionTable.EMPTY;
        refuses(pull(BY_HEARTBEAT), Refusal.SUBSCRIPTION_NOT_FOUND);
    }

    @Test
    void refusesBroadcastingWhereItIsOff() {
        groups = GroupTable.of(List.of(group(true, false)), Map.of(), V);
        online = heartbeat("BROADCASTING", "*", "TAG", 10);
        refuses(pull(BY_HEARTBEAT), Refusal.FORBIDDEN);
    }

    @Test
    void refusesATopicForbiddenToTheGroup() {
        groups = groups.withReadForbidden(new GroupName("billing"), new TopicName("orders"), true, 1);
        refuses(pull(BY_HEARTBEAT), Refusal.FORBIDDEN);
        refuses(ownSubscription("*", null), Refusal.FORBIDDEN);
    }

    @Test
    void refusesATopicTheGroupDidNotSubscribe() {
        topics = topics.with(Topic.of(new TopicName("refunds"), 4, 6), 1);
        refuses(pull("refunds", 0, 0), Refusal.SUBSCRIPTION_NOT_FOUND);
    }

    @Test
    void refusesARequestNewerThanTheHeartbeat() {
        refuses(pull("orders", 0, 11), Refusal.SUBSCRIPTION_OUTDATED);
        reads(pull("orders", 0, 9));
    }

    @Test
    void readsByAConditionOnProperties() {
        online = heartbeat("CLUSTERING", "a > 5", "SQL92", 10);
        assertThat(reads(pull(BY_HEARTBEAT)).filter().needsRecord()).isTrue();
        assertThat(reads(ownSubscription("a > 6", "SQL92")).filter())
                .isSameAs(reads(ownSubscription("a > 6", "SQL92")).filter());
    }

    @Test
    void refusesAMalformedConditionOfTheRequest() {
        refuses(ownSubscription("a >", "SQL92"), Refusal.SUBSCRIPTION_MALFORMED);
    }

    @Test
    void doesNotTakeAMalformedConditionOfAHeartbeat() {
        online = heartbeat("CLUSTERING", "a >", "SQL92", 10);
        refuses(pull(BY_HEARTBEAT), Refusal.SUBSCRIPTION_NOT_FOUND);
    }

    @Test
    void refusesExpressionsOfUnknownTypeByName() {
        online = heartbeat("CLUSTERING", "a > 5", "XPATH", 10);
        refuses(pull(BY_HEARTBEAT), Refusal.UNSUPPORTED);
        refuses(ownSubscription("a > 5", "XPATH"), Refusal.UNSUPPORTED);
    }

    @Test
    void boundsWhatIsAsked() {
        PullCheck.Read huge =
                reads(new PullRequest("billing", "orders", 0, 0, 1_000_000, 2, 0, 0, null, 0, null, Integer.MAX_VALUE));
        assertThat(huge.maxMessages()).isEqualTo(32);
        assertThat(huge.maxBytes()).isEqualTo(256 * 1024);
        PullCheck.Read none = reads(new PullRequest("billing", "orders", 0, 0, -1, 2, 0, 0, null, 0, null, 0));
        assertThat(none.maxMessages()).isEqualTo(1);
        assertThat(none.maxBytes()).isEqualTo(256 * 1024);
    }

    @Test
    void holdsAsLongAsAskedButNotForever() {
        assertThat(rules.holdMillis(pull(BY_HEARTBEAT))).isEqualTo(15_000);
        assertThat(rules.holdMillis(pull(4))).isZero();
        assertThat(rules.holdMillis(new PullRequest("g", "t", 0, 0, 1, 2, 0, Long.MAX_VALUE, null, 0, null, 0)))
                .isEqualTo(25_000);
    }
}
