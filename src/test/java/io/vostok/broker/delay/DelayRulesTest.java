package io.vostok.broker.delay;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.Ruling;
import io.vostok.model.MessageProperties;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.QueueId;
import io.vostok.model.SysFlag;
import io.vostok.model.TopicName;
import io.vostok.store.timer.DelayQueues;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Remoting reference 4.8 and storage reference 9.2, 9.3. */
class DelayRulesTest {
    private static final QueueId ORDERS = new QueueId(new TopicName("orders"), 3);

    private final DelayRules rules = new DelayRules(18);
    private final PropertiesEditor properties = new PropertiesEditor();

    @Test
    void parksAMessageOnTheQueueOfItsLevelAndNotesWhereItGoes() {
        properties.put(MessageProperties.DELAY, "3").put("color", "red");

        assertThat(park(0)).isEqualTo(new QueueId(DelayQueues.TOPIC, 2));
        assertThat(properties.get(MessageProperties.REAL_TOPIC)).isEqualTo("orders");
        assertThat(properties.get(MessageProperties.REAL_QID)).isEqualTo("3");
        assertThat(properties.get("color")).isEqualTo("red");
        assertThat(rules.release(properties).value()).isEqualTo(ORDERS);
    }

    @Test
    void takesALevelAboveTheLastForTheLast() {
        properties.put(MessageProperties.DELAY, "99");

        assertThat(park(0)).isEqualTo(new QueueId(DelayQueues.TOPIC, 17));
        assertThat(properties.get(MessageProperties.DELAY)).isEqualTo("18");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1"})
    void deliversAtOnceWithoutALevel(String level) {
        properties.put(MessageProperties.DELAY, level);

        assertThat(park(0)).isEqualTo(ORDERS);
        assertThat(properties.contains(MessageProperties.REAL_TOPIC)).isFalse();
    }

    @Test
    void refusesALevelThatIsNoNumber() {
        properties.put(MessageProperties.DELAY, "soon");

        Ruling<QueueId> ruling = rules.park(properties, 0, ORDERS);
        assertThat(ruling).isInstanceOf(Ruling.Denied.class);
        assertThat(refusal(ruling)).isEqualTo(Refusal.MESSAGE_ILLEGAL);
    }

    @Test
    void leavesHalfMessagesAlone() {
        properties.put(MessageProperties.DELAY, "3");

        assertThat(park(SysFlag.TRANSACTION_PREPARED)).isEqualTo(ORDERS);
        assertThat(park(SysFlag.TRANSACTION_COMMIT)).isEqualTo(new QueueId(DelayQueues.TOPIC, 2));
    }

    @Test
    void lettingALevelWinTakesTheTimesAway() {
        properties
                .put(MessageProperties.DELAY, "3")
                .put(MessageProperties.TIMER_DELAY_SEC, "9")
                .put(MessageProperties.TIMER_DELIVER_MS, "9");
        park(0);

        assertThat(properties.contains(MessageProperties.TIMER_DELAY_SEC)).isFalse();
        assertThat(properties.contains(MessageProperties.TIMER_DELIVER_MS)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCHEDULE_TOPIC_XXXX", "RMQ_SYS_TRANS_HALF_TOPIC", "../x"})
    void releasesNothingToTopicsOfTheBrokerOrToNoTopic(String topic) {
        properties.put(MessageProperties.REAL_TOPIC, topic).put(MessageProperties.REAL_QID, "0");

        assertThat(rules.release(properties)).isInstanceOf(Ruling.Denied.class);
    }

    @Test
    void releasesNothingThatDoesNotSayWhereTo() {
        assertThat(rules.release(properties)).isInstanceOf(Ruling.Denied.class);
        properties.put(MessageProperties.REAL_TOPIC, "orders");
        assertThat(rules.release(properties)).isInstanceOf(Ruling.Denied.class);
        properties.put(MessageProperties.REAL_QID, "-2");
        assertThat(rules.release(properties)).isInstanceOf(Ruling.Denied.class);
        properties.put(MessageProperties.REAL_QID, "two");
        assertThat(rules.release(properties)).isInstanceOf(Ruling.Denied.class);
    }

    private QueueId park(int sysFlag) {
        return rules.park(properties, sysFlag, ORDERS).value();
    }

    private static @Nullable Refusal refusal(Ruling<?> ruling) {
        var refused = ruling.refused();
        return refused == null ? null : refused.refusal();
    }
}
