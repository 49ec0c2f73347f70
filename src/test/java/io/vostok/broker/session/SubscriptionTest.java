package io.vostok.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.store.RecordFilter;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SubscriptionTest {
    private static Subscription parse(@Nullable String expression) {
        return Subscription.parse("t", expression, null, 1).value();
    }

    @Test
    void wantsEverythingWithoutTags() {
        for (String expression : new String[] {null, "", "*", " * "}) {
            assertThat(parse(expression).filter()).isSameAs(RecordFilter.ALL);
            assertThat(parse(expression).tags()).isEmpty();
            assertThat(parse(expression).expression()).isEqualTo("*");
        }
    }

    @Test
    void trimsTagsAndDropsEmptyOnes() {
        assertThat(parse(" A ||B|| || A ").tags()).containsExactly("A", "B");
    }

    @Test
    void comparesTheLow32BitsOfTheTagsCode() {
        RecordFilter filter = parse("polygenelubricants || A").filter(); // its hash is Integer.MIN_VALUE
        assertThat(filter.matchesUnit("polygenelubricants".hashCode())).isTrue();
        assertThat(filter.matchesUnit(0x80000000L)).isTrue();
        assertThat(filter.matchesUnit(65)).isTrue();
        assertThat(filter.matchesUnit(66)).isFalse();
        assertThat(filter.matchesUnit(0)).isFalse();
    }

    @Test
    void letsThroughExactlyTheGivenHashes() {
        Random random = new Random(3);
        for (int size : new int[] {1, 2, 3, 4, 7, 8, 100, 1024}) {
            Set<Integer> codes = new HashSet<>();
            while (codes.size() < size) codes.add(random.nextInt(4096) - 2048);
            RecordFilter filter =
                    TagFilter.ofCodes(codes.stream().mapToInt(Integer::intValue).toArray());
            for (int code = -2100; code < 2100; code++) {
                assertThat(filter.matchesUnit(code)).isEqualTo(codes.contains(code));
            }
        }
    }

    @Test
    void refusesAnExpressionThatNamesNoTag() {
        Refused refused = Subscription.parse("t", "||", "TAG", 1).refused();
        assertThat(refused).isNotNull().extracting(Refused::refusal).isEqualTo(Refusal.SUBSCRIPTION_MALFORMED);
    }

    @Test
    void refusesMoreTagsThanItKeeps() {
        String tags = IntStream.rangeClosed(0, Subscription.MOST_TAGS)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining("||"));
        assertThat(Subscription.parse("t", tags, "TAG", 1).refused()).isNotNull();
        assertThat(Subscription.parse("t", "a".repeat(Subscription.LONGEST_EXPRESSION + 1), "TAG", 1)
                        .refused())
                .isNotNull();
    }

    @Test
    void refusesABadTopicName() {
        Refused refused = Subscription.parse("../t", "*", "TAG", 1).refused();
        assertThat(refused).isNotNull().extracting(Refused::refusal).isEqualTo(Refusal.INVALID_ARGUMENT);
    }

    @Test
    void compilesAConditionOnPropertiesOnce() {
        Subscription sql = Subscription.parse("t", "a > 5", "SQL92", 1).value();
        Subscription again = Subscription.parse("t", "a > 5", "SQL92", 2).value();
        assertThat(sql.isSql()).isTrue();
        assertThat(sql.isTag()).isFalse();
        assertThat(sql.tags()).isEmpty();
        assertThat(sql.filter().needsRecord()).isTrue();
        assertThat(again.filter()).isSameAs(sql.filter());
        assertThat(sql.warning()).isNull();
        assertThat(Subscription.parse("t", "a > 5 more", "SQL92", 1).value().warning())
                .contains("`…more` is ignored");
    }

    @Test
    void refusesAConditionWithPlaceAndReason() {
        Refused refused = Subscription.parse("t", "a || b", "SQL92", 1).refused();
        assertThat(refused).isNotNull().extracting(Refused::refusal).isEqualTo(Refusal.SUBSCRIPTION_MALFORMED);
        assertThat(refused)
                .extracting(Refused::words)
                .asString()
                .contains("topic `t`")
                .contains("at character 3");
        assertThat(Subscription.parse("t", "", "SQL92", 1).refused()).isNotNull();
        assertThat(Subscription.parse("t", null, "SQL92", 1).refused()).isNotNull();
    }

    @Test
    void keepsAnExpressionOfAnUnknownType() {
        Subscription other = Subscription.parse("t", "a || b", "XPATH", 1).value();
        assertThat(other.isTag()).isFalse();
        assertThat(other.isSql()).isFalse();
    }
}
