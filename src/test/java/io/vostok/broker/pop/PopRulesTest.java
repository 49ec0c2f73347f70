package io.vostok.broker.pop;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.offset.QueueBounds;
import io.vostok.broker.session.SubscriptionTable;
import io.vostok.broker.topic.GroupRules;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicSettings;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.DataVersion;
import io.vostok.model.GroupName;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PopRulesTest {
    private static final DataVersion V = new DataVersion(0, 0, 0);
    private static final long NOW = 1_700_000_000_000L;
    private static final Topic ORDERS = Topic.of(new TopicName("orders"), 4, 6);

    private TopicTable topics = TopicTable.of(List.of(ORDERS, Topic.of(new TopicName("secret"), 4, 2)), V);
    private GroupTable groups = GroupTable.of(List.of(group(true)), Map.of(), V);
    private PopRules rules = rules(6, false);

    private static PopRules rules(int permission, boolean autoCreate) {
        return new PopRules(
                new PopSettings(permission, 1 << 16, Duration.ofSeconds(30), true),
                new GroupRules(new TopicSettings(false, autoCreate, 8, true, 100, 100, 16)));
    }

    private static ConsumerGroup group(boolean consumes) {
        return new ConsumerGroup(new GroupName("billing"), consumes, true, true, false, 1, 16, 0, 1, true, 0, 15, null);
    }

    /** A pop that is wrong in the named ways, and right in all others. */
    private static final class Wish {
        String group = "billing";
        String topic = "orders";
        int queue = -1;
        int most = 8;
        long invisible = 60_000;
        long poll = 20_000;
        long born = NOW;
        PopRequest.Kind kind = PopRequest.Kind.POP;

        @Nullable
        String expression = "*";

        @Nullable
        String type = "TAG";

        @Nullable
        String attempt;

        PopRequest request() {
            return new PopRequest(
                    kind, group, topic, queue, most, invisible, poll, born, false, expression, type, false, attempt);
        }
    }

    private PopCheck check(Wish wish) {
        return rules.check(wish.request(), topics, groups, SubscriptionTable.EMPTY, NOW);
    }

    private Refusal refusal(Wish wish) {
        PopCheck check = check(wish);
        assertThat(check).isInstanceOf(PopCheck.No.class);
        return ((PopCheck.No) check).refused().refusal();
    }

    private PopCheck.Read read(Wish wish) {
        PopCheck check = check(wish);
        assertThat(check).as(String.valueOf(check)).isInstanceOf(PopCheck.Read.class);
        return (PopCheck.Read) check;
    }

    /** Each of the reasons is added to all the later ones, so that the order of the checks shows. */
    @Test
    void refusesInTheOrderOfApachesBroker() {
        Wish wish = new Wish();
        wish.type = "BLOOM";
        assertThat(refusal(wish)).isEqualTo(Refusal.UNSUPPORTED);
        wish.type = "SQL92";
        wish.expression = "a >";
        assertThat(refusal(wish)).isEqualTo(Refusal.SUBSCRIPTION_MALFORMED);
        groups = GroupTable.of(List.of(group(false)), Map.of(), V);
        assertThat(refusal(wish)).as("consumes not").isEqualTo(Refusal.FORBIDDEN);
        wish.group = "unknown";
        assertThat(refusal(wish)).isEqualTo(Refusal.GROUP_NOT_FOUND);
        wish.queue = 4;
        assertThat(refusal(wish)).as("queue").isEqualTo(Refusal.INVALID_ARGUMENT);
        wish.topic = "secret";
        assertThat(refusal(wish)).as("not readable").isEqualTo(Refusal.FORBIDDEN);
        wish.topic = "unknown";
        assertThat(refusal(wish)).isEqualTo(Refusal.TOPIC_NOT_FOUND);
        wish.most = 33;
        assertThat(refusal(wish)).as("too many").isEqualTo(Refusal.INVALID_ARGUMENT);
        rules = rules(2, false);
        assertThat(refusal(wish)).as("broker").isEqualTo(Refusal.FORBIDDEN);
        wish.born = NOW - 20_501;
        assertThat(check(wish)).isInstanceOf(PopCheck.Late.class);
    }

    @Test
    void takesOtherPermissionsWhileItRuns() {
        rules.use(new PopSettings(6, 1 << 16, Duration.ofSeconds(30), true).permitting(2));
        assertThat(refusal(new Wish())).isEqualTo(Refusal.FORBIDDEN);
    }

    @Test
    void readsAtMost32AndAtLeastOne() {
        Wish wish = new Wish();
        wish.most = 32;
        assertThat(read(wish).maxMessages()).isEqualTo(32);
        wish.most = 0;
        assertThat(read(wish).maxMessages()).isEqualTo(1);
    }

    @Test
    void knowsQueuesByNumberAndAny() {
        Wish wish = new Wish();
        wish.queue = 3;
        assertThat(read(wish).topic()).isSameAs(ORDERS);
        wish.queue = -2;
        assertThat(refusal(wish)).isEqualTo(Refusal.INVALID_ARGUMENT);
    }

    @Test
    void holdsNoMessageForEverNorForNoTime() {
        Wish wish = new Wish();
        wish.invisible = 0;
        assertThat(refusal(wish)).isEqualTo(Refusal.INVALID_ARGUMENT);
        wish.invisible = Duration.ofDays(3).toMillis() + 1;
        assertThat(refusal(wish)).isEqualTo(Refusal.INVALID_ARGUMENT);
        wish.kind = PopRequest.Kind.PEEK;
        assertThat(read(wish)).as("who peeks holds nothing").isNotNull();
        assertThat(PopRules.badInvisible(0))
                .as("a held message may come again at once")
                .isNull();
        assertThat(PopRules.badInvisible(-1)).isNotNull();
    }

    @Test
    void refusesAttemptIdsWithoutEnd() {
        Wish wish = new Wish();
        wish.attempt = "a".repeat(257);
        assertThat(refusal(wish)).isEqualTo(Refusal.INVALID_ARGUMENT);
    }

    @Test
    void createsAGroupWhereThatIsAllowed() {
        rules = rules(6, true);
        Wish wish = new Wish();
        wish.group = "fresh";
        assertThat(check(wish))
                .isInstanceOfSatisfying(
                        PopCheck.CreateGroup.class,
                        create -> assertThat(create.group().name()).isEqualTo(new GroupName("fresh")));
    }

    @Test
    void waitsAsLongAsTheClientDoesAndNoLongerThanTheBrokerPermits() {
        Wish wish = new Wish();
        assertThat(read(wish).holdMillis()).isEqualTo(20_000);
        wish.born = NOW - 15_000;
        assertThat(read(wish).holdMillis()).isEqualTo(5_000);
        wish.born = NOW - 20_500;
        assertThat(read(wish).holdMillis()).as("within the grace").isZero();
        wish.born = NOW + 60_000;
        assertThat(read(wish).holdMillis()).as("a client whose clock is ahead").isEqualTo(20_000);
        wish.born = 0;
        wish.poll = 90_000;
        assertThat(read(wish).holdMillis()).isEqualTo(30_000);
    }

    @Test
    void startsAGroupWhereApacheDoes() {
        assertThat(PopRules.initialOffset(false, false, new QueueBounds(5, 9, 0)))
                .isEqualTo(5);
        assertThat(PopRules.initialOffset(true, false, new QueueBounds(5, 9, 0)))
                .isEqualTo(8);
        assertThat(PopRules.initialOffset(true, true, new QueueBounds(0, 9, 0))).isZero();
        assertThat(PopRules.initialOffset(true, false, new QueueBounds(5, 5, -1)))
                .isEqualTo(5);
    }

    @Test
    void refusesAcksOfWhatIsNotThere() {
        QueueBounds bounds = new QueueBounds(5, 9, 0);
        assertThat(ack(0, 7, ORDERS, bounds)).isNull();
        assertThat(ack(0, 9, ORDERS, bounds)).as("the end, as Apache").isNull();
        assertThat(ack(0, 7, null, bounds)).isEqualTo(Refusal.TOPIC_NOT_FOUND);
        assertThat(ack(4, 7, ORDERS, bounds)).isEqualTo(Refusal.MESSAGE_ILLEGAL);
        assertThat(ack(-1, 7, ORDERS, bounds)).isEqualTo(Refusal.MESSAGE_ILLEGAL);
        assertThat(ack(0, 4, ORDERS, bounds)).isEqualTo(Refusal.NOT_IN_FLIGHT);
        assertThat(ack(0, 10, ORDERS, bounds)).isEqualTo(Refusal.NOT_IN_FLIGHT);
    }

    private static @Nullable Refusal ack(int queue, long offset, @Nullable Topic topic, QueueBounds bounds) {
        @Nullable Refused refused = PopRules.checkAck("orders", queue, offset, topic, bounds);
        return refused == null ? null : refused.refusal();
    }
}
