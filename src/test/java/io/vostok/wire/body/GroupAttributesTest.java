package io.vostok.wire.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.model.ConsumerGroup;
import io.vostok.model.GroupName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupAttributesTest {
    private static final ConsumerGroup PLAIN = ConsumerGroup.of(new GroupName("g"));

    private static ConsumerGroup wish(String attributes) {
        return PLAIN.withOtherFields("{\"attributes\":{" + attributes + "}}");
    }

    @Test
    void looksAtPrioritiesAlwaysUnlessToldOtherwise() {
        assertThat(GroupAttributes.priorityFactor(PLAIN)).isEqualTo(100);
        ConsumerGroup told = GroupAttributes.changed(null, wish("\"+priority.factor\":\"30\""));
        assertThat(GroupAttributes.priorityFactor(told)).isEqualTo(30);
        ConsumerGroup removed = GroupAttributes.changed(told, wish("\"-priority.factor\":\"\""));
        assertThat(GroupAttributes.priorityFactor(removed)).isEqualTo(100);
    }

    /** A file of Apache's may hold anything. */
    @Test
    void looksAtPrioritiesAlwaysWhenAFileHoldsNoPercentage() {
        assertThat(GroupAttributes.priorityFactor(wish("\"priority.factor\":\"101\"")))
                .isEqualTo(100);
        assertThat(GroupAttributes.priorityFactor(wish("\"priority.factor\":\"often\"")))
                .isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "101", "often", "", "99999999999"})
    void refusesWhatIsNoPercentage(String value) {
        assertThatThrownBy(() -> GroupAttributes.changed(null, wish("\"+priority.factor\":\"" + value + "\"")))
                .isInstanceOf(BadBodyException.class)
                .hasMessageContaining("from 0 to 100");
    }
}
