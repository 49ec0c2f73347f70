package io.vostok.broker.topic;

import static org.assertj.core.api.Assertions.assertThat;

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

class TablesTest {
    private static final DataVersion V = new DataVersion(3, 100, 5);
    private static final TopicName ORDERS = new TopicName("orders");
    private static final GroupName BILLING = new GroupName("billing");
    private final GroupTable groups = GroupTable.of(List.of(ConsumerGroup.of(BILLING)), Map.of(), V);

    private static @Nullable Refusal refusal(Ruling<?> ruling) {
        Refused refused = ruling.refused();
        return refused == null ? null : refused.refusal();
    }

    @Test
    void countsEachChangeOfTopicsOnce() {
        TopicTable empty = TopicTable.of(List.of(), V);
        TopicTable two = empty.with(List.of(Topic.of(ORDERS, 4, 6), Topic.of(new TopicName("refunds"), 4, 6)), 200);
        assertThat(two.version()).isEqualTo(new DataVersion(3, 200, 6));
        assertThat(two.size()).isEqualTo(2);
        assertThat(two.without(ORDERS, 300).version()).isEqualTo(new DataVersion(3, 300, 7));
        assertThat(two.without(new TopicName("x"), 300)).isSameAs(two);
        assertThat(empty.with(List.of(), 300)).isSameAs(empty);
    }

    @Test
    void findsTheTopicWithItsSharedName() {
        TopicTable table = TopicTable.of(List.of(Topic.of(ORDERS, 4, 6)), V);
        Topic found = table.find("orders");
        assertThat(found).isNotNull().extracting(Topic::name).isSameAs(ORDERS);
        assertThat(table.find("refunds")).isNull();
    }

    @Test
    void keepsWhatIsForbiddenToAGroup() {
        GroupTable banned = groups.withReadForbidden(BILLING, ORDERS, true, 200);
        assertThat(banned.readForbidden("billing", "orders")).isTrue();
        assertThat(banned.forbidden()).isEqualTo(Map.of("billing", Map.of("orders", 4)));
        assertThat(banned.withReadForbidden(BILLING, ORDERS, true, 300)).isSameAs(banned);
        GroupTable freed = banned.withReadForbidden(BILLING, ORDERS, false, 300);
        assertThat(freed.readForbidden("billing", "orders")).isFalse();
        assertThat(freed.forbidden()).isEmpty();
        assertThat(freed.version().counter()).isEqualTo(7);
    }

    @Test
    void keepsForbiddenBitsItDoesNotKnow() {
        GroupTable stored = GroupTable.of(List.of(), Map.of("billing", Map.of("orders", 8)), V);
        GroupTable banned = stored.withReadForbidden(BILLING, ORDERS, true, 1);
        assertThat(banned.forbiddenBits("billing", "orders")).isEqualTo(12);
        assertThat(banned.withReadForbidden(BILLING, ORDERS, false, 1).forbiddenBits("billing", "orders"))
                .isEqualTo(8);
    }

    @Test
    void forgetsWhatWasForbiddenToADeletedGroup() {
        GroupTable left = groups.withReadForbidden(BILLING, ORDERS, true, 200).without(BILLING, 300);
        assertThat(left.find("billing")).isNull();
        assertThat(left.forbidden()).isEmpty();
        assertThat(left.without(BILLING, 400)).isSameAs(left);
    }

    @Test
    void createsGroupsWhereItMay() {
        GroupRules open = new GroupRules(TopicSettings.defaults());
        assertThat(open.autoCreate("new", groups).value()).isEqualTo(ConsumerGroup.of(new GroupName("new")));
        assertThat(refusal(open.autoCreate("a b", groups))).isEqualTo(Refusal.INVALID_ARGUMENT);

        GroupRules closed = new GroupRules(new TopicSettings(false, false, 8, true, 10, 10, 8));
        assertThat(refusal(closed.autoCreate("new", groups))).isEqualTo(Refusal.GROUP_NOT_FOUND);
        assertThat(refusal(closed.autoCreate("CID_RMQ_SYS_X", groups))).isNull();
    }

    @Test
    void takesNoMoreGroupsThanItsBound() {
        GroupRules full = new GroupRules(new TopicSettings(true, true, 8, true, 10, 1, 8));
        assertThat(refusal(full.autoCreate("new", groups))).isEqualTo(Refusal.FORBIDDEN);
        assertThat(refusal(full.change(ConsumerGroup.of(new GroupName("new")), groups)))
                .isEqualTo(Refusal.FORBIDDEN);
        assertThat(refusal(full.change(ConsumerGroup.of(BILLING), groups))).isNull();
    }

    @Test
    void refusesGroupsThatCannotWork() {
        GroupRules rules = new GroupRules(TopicSettings.defaults());
        ConsumerGroup manyRetries =
                new ConsumerGroup(BILLING, true, true, true, false, 5000, 16, 0, 1, true, 0, 15, null);
        ConsumerGroup noTimeout = new ConsumerGroup(BILLING, true, true, true, false, 1, 16, 0, 1, true, 0, 0, null);
        assertThat(refusal(rules.change(manyRetries, groups))).isEqualTo(Refusal.INVALID_ARGUMENT);
        assertThat(refusal(rules.change(noTimeout, groups))).isEqualTo(Refusal.INVALID_ARGUMENT);
    }

    @Test
    void startsWithThePresetGroups() {
        GroupRules rules = new GroupRules(TopicSettings.defaults());
        List<ConsumerGroup> missing = rules.missingAtStart(groups);
        assertThat(missing).extracting(group -> group.name().value()).contains("TOOLS_CONSUMER", "CID_ONSAPI_PULL");
        assertThat(rules.missingAtStart(groups.with(missing, 1))).isEmpty();
        assertThat(rules.isSystem("TOOLS_CONSUMER")).isTrue();
        assertThat(rules.isSystem("billing")).isFalse();
    }

    @Test
    void forbidsTopicsToKnownGroupsOnly() {
        GroupRules rules = new GroupRules(TopicSettings.defaults());
        assertThat(rules.forbid(BILLING, groups)).isNull();
        assertThat(rules.forbid(new GroupName("x"), groups)).isNotNull();
    }
}
