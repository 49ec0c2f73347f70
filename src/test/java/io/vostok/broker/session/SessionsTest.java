package io.vostok.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.topic.BrokerIdentity;
import io.vostok.broker.topic.GroupRules;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.topic.TopicSettings;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.DataVersion;
import io.vostok.model.GroupName;
import io.vostok.model.Topic;
import io.vostok.wire.body.ConsumerData;
import io.vostok.wire.body.HeartbeatData;
import io.vostok.wire.body.ProducerData;
import io.vostok.wire.body.SubscriptionData;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SessionsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final DataVersion V = new DataVersion(0, 0, 0);
    private static final int JAVA = 0;

    private record Channel(long id) implements ClientChannel {
        @Override
        public String address() {
            return "10.0.0.1:" + id;
        }
    }

    private final Channel first = new Channel(1);
    private final Channel second = new Channel(2);
    private TopicSettings topicSettings = TopicSettings.defaults();
    private Sessions sessions = sessions(SessionSettings.defaults());
    private GroupTable groups = GroupTable.of(List.of(ConsumerGroup.of(new GroupName("g"))), Map.of(), V);
    private TopicTable topics = TopicTable.of(List.of(), V);

    private Sessions sessions(SessionSettings settings) {
        return new Sessions(
                settings,
                new GroupRules(topicSettings),
                new TopicRules(topicSettings, new BrokerIdentity("c", "b", 0, "h", 1)));
    }

    private static SubscriptionData wants(String topic, String expression, long version) {
        return new SubscriptionData(topic, expression, "TAG", Set.of(), Set.of(), version, false);
    }

    private static ConsumerData consumer(String group, String model, SubscriptionData... wishes) {
        return new ConsumerData(group, "CONSUME_PASSIVELY", model, "CONSUME_FROM_LAST_OFFSET", false, List.of(wishes));
    }

    private Heard beat(Channel channel, String clientId, long now, ConsumerData... consumers) {
        return beat(new HeartbeatData(clientId, List.of(), List.of(consumers), 0, false), channel, now);
    }

    private Heard beat(HeartbeatData data, Channel channel, long now) {
        return sessions.heartbeat(data, channel, JAVA, 400, now, groups, topics).value();
    }

    private Heard joins(Channel channel, String clientId, SubscriptionData... wishes) {
        return beat(channel, clientId, 0, consumer("g", "CLUSTERING", wishes));
    }

    private ConsumerView view(String group) {
        ConsumerView view = sessions.table().find(group);
        assertThat(view).isNotNull();
        if (view == null) throw new AssertionError();
        return view;
    }

    private static List<ClientChannel> told(List<Notice> notices) {
        List<ClientChannel> told = new ArrayList<>();
        for (Notice notice : notices) told.addAll(notice.channels());
        return told;
    }

    @Test
    void listsAMemberRightAfterItsHeartbeat() {
        joins(first, "a", wants("t", "*", 1));
        assertThat(view("g").memberIds()).containsExactly("a");
        assertThat(view("g").members()).containsExactly(new Member("a", first, JAVA, 400));
    }

    @Test
    void tellsEveryMemberIncludingTheNewOne() {
        joins(first, "a", wants("t", "*", 1));
        assertThat(told(joins(second, "b", wants("t", "*", 1)).notices())).containsExactly(first, second);
    }

    @Test
    void tellsNobodyOfARepeatedHeartbeat() {
        joins(first, "a", wants("t", "*", 1));
        SubscriptionTable before = sessions.table();
        assertThat(joins(first, "a", wants("t", "*", 1)).notices()).isEmpty();
        assertThat(sessions.table()).isSameAs(before);
    }

    @Test
    void tellsOfAChangedSetOfTopics() {
        joins(first, "a", wants("t", "*", 1));
        assertThat(told(joins(first, "a", wants("t", "*", 1), wants("u", "*", 2))
                        .notices()))
                .containsExactly(first);
        assertThat(told(joins(first, "a", wants("u", "*", 2)).notices())).containsExactly(first);
        assertThat(view("g").subscription("t")).isNull();
    }

    @Test
    void tellsNobodyOfABroadcastingGroup() {
        assertThat(beat(first, "a", 0, consumer("g", "BROADCASTING", wants("t", "*", 1)))
                        .notices())
                .isEmpty();
        assertThat(view("g").broadcasting()).isTrue();
    }

    @Test
    void tellsNobodyWhereTheGroupWantsNoNotices() {
        groups = GroupTable.of(
                List.of(new ConsumerGroup(
                        new GroupName("g"), true, true, true, false, 1, 16, 0, 1, false, 0, 15, null)),
                Map.of(),
                V);
        assertThat(joins(first, "a", wants("t", "*", 1)).notices()).isEmpty();
    }

    @Test
    void createsTheRetryTopicOnce() {
        Topic retry = joins(first, "a").topicsToCreate().get(0);
        assertThat(retry.name().value()).isEqualTo("%RETRY%g");
        assertThat(retry.perm()).isEqualTo(6);
        topics = topics.with(retry, 1);
        assertThat(joins(first, "a").topicsToCreate()).isEmpty();
    }

    @Test
    void createsAnUnknownGroup() {
        Heard heard = beat(first, "a", 0, consumer("new", "CLUSTERING"));
        assertThat(heard.groupsToCreate()).containsExactly(ConsumerGroup.of(new GroupName("new")));
        assertThat(view("new").memberIds()).containsExactly("a");
    }

    @Test
    void skipsAnUnknownGroupWithoutAutoCreationAndTakesTheOthers() {
        topicSettings = new TopicSettings(false, false, 8, true, 10, 10, 8);
        sessions = sessions(SessionSettings.defaults());
        Heard heard = beat(first, "a", 0, consumer("new", "CLUSTERING"), consumer("g", "CLUSTERING"));
        assertThat(heard.groupsToCreate()).isEmpty();
        assertThat(heard.skipped()).singleElement().asString().contains("java -jar vostok.jar group create new");
        assertThat(sessions.table().find("new")).isNull();
        assertThat(view("g").memberIds()).containsExactly("a");
    }

    @Test
    void skipsBadNames() {
        Heard heard = beat(
                new HeartbeatData(
                        "a",
                        List.of(new ProducerData("../p")),
                        List.of(consumer("g\u202e", "CLUSTERING"), consumer("g", "CLUSTERING", wants("<b>", "*", 1))),
                        0,
                        false),
                first,
                0);
        assertThat(heard.skipped()).hasSize(3);
        assertThat(view("g").subscriptions()).isEmpty();
        assertThat(sessions.producerGroups()).isEmpty();
    }

    @Test
    void takesTheNewerExpressionOfOneTopicWhoeverBeatsLast() {
        joins(first, "a", wants("t", "A", 5));
        joins(second, "b", wants("t", "B", 9));
        joins(first, "a", wants("t", "A", 5));
        Subscription wish = view("g").subscription("t");
        assertThat(wish).isNotNull().extracting(Subscription::expression).isEqualTo("B");
    }

    @Test
    void doesNotFlapWhenMembersSubscribeDifferently() {
        joins(first, "a", wants("t", "*", 1));
        joins(second, "b", wants("u", "*", 1));
        for (int i = 0; i < 5; i++) {
            assertThat(joins(first, "a", wants("t", "*", 1)).notices()).isEmpty();
            assertThat(joins(second, "b", wants("u", "*", 1)).notices()).isEmpty();
        }
        assertThat(view("g").byTopic()).containsOnlyKeys("t", "u");
        Conflict conflict = conflict();
        assertThat(conflict.kind()).isEqualTo(Conflict.Kind.TOPICS);
        assertThat(List.of(conflict.first(), conflict.second())).containsExactly("a", "b");
        assertThat(conflict.words()).contains("`a`", "`b`", "t=*", "u=*");
    }

    private Conflict conflict() {
        List<Conflict> all = sessions.table().conflicts();
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    @Test
    void seesAConflictInDifferentTagsOfOneTopic() {
        joins(first, "a", wants("t", "A", 1));
        joins(second, "b", wants("t", "B", 2));

        assertThat(conflict().kind()).isEqualTo(Conflict.Kind.EXPRESSION);
        assertThat(conflict().words()).contains("t=A", "t=B");
    }

    @Test
    void listsTheProducersOfEveryGroup() {
        beat(new HeartbeatData("a", List.of(new ProducerData("p")), List.of(), 0, false), first, 7 * SECOND);

        List<ProducerView> producers = sessions.producersByGroup().getOrDefault("p", List.of());

        assertThat(producers).hasSize(1);
        assertThat(producers.get(0).member().clientId()).isEqualTo("a");
        assertThat(producers.get(0).seenNanos()).isEqualTo(7 * SECOND);
    }

    @Test
    void forgetsTheConflictWithItsMember() {
        joins(first, "a", wants("t", "*", 1));
        joins(second, "b", wants("u", "*", 1));
        sessions.closed(second);
        assertThat(view("g").conflict()).isNull();
        assertThat(view("g").byTopic()).containsOnlyKeys("t");
    }

    @Test
    void seesNoConflictInAnotherVersionOfTheSame() {
        joins(first, "a", wants("t", "A||B", 1));
        joins(second, "b", wants("t", "A||B", 2));
        assertThat(view("g").conflict()).isNull();
    }

    @Test
    void keepsTheModelOfTheMemberThatCameLast() {
        joins(first, "a");
        beat(second, "b", 0, consumer("g", "BROADCASTING"));
        joins(first, "a");
        assertThat(view("g").broadcasting()).isTrue();
        assertThat(conflict().kind()).isEqualTo(Conflict.Kind.MESSAGE_MODEL);
    }

    @Test
    void listsADuplicateClientIdOnceAndNamesBothConnections() {
        joins(first, "a", wants("t", "*", 1));
        joins(second, "a", wants("t", "*", 1));
        assertThat(view("g").memberIds()).containsExactly("a");
        assertThat(view("g").members()).extracting(Member::channel).containsExactly(first, second);
        assertThat(conflict().kind()).isEqualTo(Conflict.Kind.SAME_CLIENT_ID);
        assertThat(conflict().words()).contains("`a`", first.address(), second.address());
        assertThat(joins(first, "a", wants("t", "*", 1)).notices()).isEmpty();
    }

    @Test
    void removesAnUnregisteredMemberAndTellsTheRest() {
        joins(first, "a");
        joins(second, "b");
        assertThat(told(sessions.unregister(first, null, "g"))).containsExactly(second);
        assertThat(view("g").memberIds()).containsExactly("b");
        assertThat(sessions.unregister(first, null, "g")).isEmpty();
    }

    @Test
    void forgetsAnEmptyGroup() {
        joins(first, "a");
        assertThat(sessions.closed(first)).isEmpty();
        assertThat(sessions.table().size()).isZero();
        assertThat(sessions.nextDeadlineNanos()).isEqualTo(Sessions.NONE);
    }

    @Test
    void expiresASilentMemberAtItsDeadlineAndNotBefore() {
        joins(first, "a");
        beat(second, "b", 30 * SECOND, consumer("g", "CLUSTERING"));
        assertThat(sessions.nextDeadlineNanos()).isEqualTo(120 * SECOND);
        assertThat(sessions.expire(120 * SECOND - 1).channels()).isEmpty();
        Gone gone = sessions.expire(120 * SECOND);
        assertThat(gone.channels()).containsExactly(first);
        assertThat(told(gone.notices())).containsExactly(second);
        assertThat(sessions.nextDeadlineNanos()).isEqualTo(150 * SECOND);
    }

    @Test
    void livesOnWithEachHeartbeat() {
        joins(first, "a");
        beat(first, "a", 100 * SECOND, consumer("g", "CLUSTERING"));
        assertThat(sessions.expire(219 * SECOND).channels()).isEmpty();
        assertThat(sessions.expire(220 * SECOND).channels()).containsExactly(first);
    }

    @Test
    void leavesAConnectionOpenThatDroppedOnlyOneGroup() {
        beat(first, "a", 0, consumer("g", "CLUSTERING"), consumer("h", "CLUSTERING"));
        beat(first, "a", 100 * SECOND, consumer("h", "CLUSTERING"));
        assertThat(sessions.expire(120 * SECOND).channels()).isEmpty();
        assertThat(sessions.table().find("g")).isNull();
        assertThat(sessions.table().find("h")).isNotNull();
    }

    @Test
    void knowsProducersUntilTheyLeave() {
        HeartbeatData data = new HeartbeatData("a", List.of(new ProducerData("p")), List.of(), 0, false);
        beat(data, first, 0);
        assertThat(sessions.producers("p")).containsExactly(new Member("a", first, JAVA, 400));
        sessions.unregister(first, "p", null);
        assertThat(sessions.producers("p")).isEmpty();
        beat(data, first, 0);
        sessions.closed(first);
        assertThat(sessions.producerGroups()).isEmpty();
        assertThat(sessions.size()).isZero();
    }

    @Test
    void findsAProducingClientByItsIdUntilItsLastGroupIsGone() {
        Channel channel = new Channel(1);
        HeartbeatData data = new HeartbeatData(
                "requester", List.of(new ProducerData("p"), new ProducerData("q")), List.of(), 0, false);
        beat(data, channel, 0);
        assertThat(sessions.producer("requester")).isEqualTo(new Member("requester", channel, JAVA, 400));
        assertThat(sessions.producer("nobody")).isNull();

        sessions.unregister(channel, "q", null);
        assertThat(sessions.producer("requester")).isNotNull();
        sessions.unregister(channel, "p", null);
        assertThat(sessions.producer("requester")).isNull();

        beat(data, channel, 0);
        sessions.closed(channel);
        assertThat(sessions.producer("requester")).isNull();
    }

    @Test
    void keepsSubscriptionsThroughShortHeartbeats() {
        ConsumerData full = consumer("g", "CLUSTERING", wants("t", "*", 1));
        assertThat(beat(new HeartbeatData("a", List.of(), List.of(full), 77, false), first, 0)
                        .subChanged())
                .isFalse();
        HeartbeatData brief = new HeartbeatData("a", List.of(), List.of(consumer("g", "CLUSTERING")), 77, true);
        assertThat(beat(brief, first, 1).subChanged()).isFalse();
        assertThat(view("g").byTopic()).containsOnlyKeys("t");
    }

    @Test
    void asksForSubscriptionsItDoesNotHave() {
        HeartbeatData brief = new HeartbeatData("a", List.of(), List.of(consumer("g", "CLUSTERING")), 77, true);
        assertThat(beat(brief, first, 0).subChanged()).isTrue();
        assertThat(view("g").memberIds()).containsExactly("a");
    }

    @Test
    void asksForSubscriptionsWhoseFingerprintChanged() {
        ConsumerData full = consumer("g", "CLUSTERING", wants("t", "*", 1));
        beat(new HeartbeatData("a", List.of(), List.of(full), 77, false), first, 0);
        HeartbeatData brief = new HeartbeatData("a", List.of(), List.of(consumer("g", "CLUSTERING")), 78, true);
        assertThat(beat(brief, first, 1).subChanged()).isTrue();
    }

    @Test
    void knowsAReconnectedClientByItsFingerprint() {
        ConsumerData full = consumer("g", "CLUSTERING", wants("t", "*", 1));
        beat(new HeartbeatData("a", List.of(), List.of(full), 77, false), first, 0);
        HeartbeatData brief = new HeartbeatData("a", List.of(), List.of(consumer("g", "CLUSTERING")), 77, true);
        assertThat(beat(brief, second, 1).subChanged()).isFalse();
        sessions.closed(first);
        assertThat(view("g").byTopic()).containsOnlyKeys("t");
    }

    @Test
    void boundsWhatClientsMayRegister() {
        sessions = sessions(new SessionSettings(Duration.ofMinutes(2), 2, 3, 2));
        Heard heard = joins(first, "a", wants("t", "*", 1), wants("u", "*", 1), wants("v", "*", 1));
        assertThat(heard.skipped()).hasSize(1);
        assertThat(view("g").byTopic()).hasSize(2);

        joins(second, "b");
        assertThat(joins(new Channel(3), "c").skipped()).hasSize(1);
        assertThat(view("g").memberIds()).containsExactly("a", "b");
        assertThat(joins(second, "b").skipped()).isEmpty();
    }

    @Test
    void refusesAHeartbeatWithoutClientIdOrWithTooManyGroups() {
        sessions = sessions(new SessionSettings(Duration.ofMinutes(2), 2, 1, 2));
        Refused nameless = sessions.heartbeat(
                        new HeartbeatData("", List.of(), List.of(), 0, false), first, JAVA, 0, 0, groups, topics)
                .refused();
        assertThat(nameless).isNotNull().extracting(Refused::refusal).isEqualTo(Refusal.INVALID_ARGUMENT);
        HeartbeatData control = new HeartbeatData("a\nb", List.of(), List.of(), 0, false);
        assertThat(sessions.heartbeat(control, first, JAVA, 0, 0, groups, topics)
                        .refused())
                .isNotNull();
        HeartbeatData many =
                new HeartbeatData("a", List.of(new ProducerData("p"), new ProducerData("q")), List.of(), 0, false);
        assertThat(sessions.heartbeat(many, first, JAVA, 0, 0, groups, topics).refused())
                .isNotNull();
    }
}
