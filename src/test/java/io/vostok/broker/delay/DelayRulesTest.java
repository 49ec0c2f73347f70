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
import io.vostok.store.timer.Timers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Remoting reference 4.8 and storage reference 9.2, 9.3. */
class DelayRulesTest {
    private static final QueueId ORDERS = new QueueId(new TopicName("orders"), 3);

    private static final long NOW = 1_700_000_000_000L;

    private final DelayRules rules = new DelayRules(18, java.time.Duration.ofDays(30), "broker-a");
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

        Ruling<QueueId> ruling = rules.park(properties, 0, ORDERS, NOW);
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
        return rules.park(properties, sysFlag, ORDERS, NOW).value();
    }

    private static @Nullable Refusal refusal(Ruling<?> ruling) {
        var refused = ruling.refused();
        return refused == null ? null : refused.refusal();
    }

    @ParameterizedTest
    @CsvSource({
        "TIMER_DELAY_SEC,5,1700000005000",
        "TIMER_DELAY_MS,1,1700000000001",
        "TIMER_DELIVER_MS,1700000000999,1700000000999",
        "TIMER_DELAY_SEC,2592000,1702592000000"
    })
    void parksAMessageUntilExactlyItsTime(String name, String wish, long due) {
        properties.put(name, wish);

        assertThat(park(0)).isEqualTo(Timers.QUEUE);
        assertThat(properties.get(MessageProperties.TIMER_OUT_MS)).isEqualTo("" + due);
        assertThat(properties.get(MessageProperties.REAL_TOPIC)).isEqualTo("orders");
        assertThat(rules.releaseTimed(properties, 7, 9).value()).isEqualTo(ORDERS);
        assertThat(properties.contains(MessageProperties.REAL_TOPIC)).isFalse();
        assertThat(properties.contains(MessageProperties.REAL_QID)).isFalse();
        assertThat(properties.get(MessageProperties.TIMER_ENQUEUE_MS)).isEqualTo("7");
        assertThat(properties.get(MessageProperties.TIMER_DEQUEUE_MS)).isEqualTo("9");
    }

    @Test
    void takesSecondsBeforeMillisecondsBeforeATime() {
        properties
                .put(MessageProperties.TIMER_DELIVER_MS, NOW + 1)
                .put(MessageProperties.TIMER_DELAY_MS, "20")
                .put(MessageProperties.TIMER_DELAY_SEC, "3");
        park(0);
        assertThat(properties.get(MessageProperties.TIMER_OUT_MS)).isEqualTo("" + (NOW + 3_000));

        properties.remove(MessageProperties.TIMER_OUT_MS).remove(MessageProperties.TIMER_DELAY_SEC);
        park(0);
        assertThat(properties.get(MessageProperties.TIMER_OUT_MS)).isEqualTo("" + (NOW + 20));
    }

    @ParameterizedTest
    @CsvSource({"TIMER_DELAY_SEC,0", "TIMER_DELAY_MS,-7", "TIMER_DELIVER_MS,1700000000000", "TIMER_DELIVER_MS,-1"})
    void deliversAtOnceWhatIsDueAlready(String name, String wish) {
        properties.put(name, wish);

        assertThat(park(0)).isEqualTo(ORDERS);
    }

    @ParameterizedTest
    @CsvSource({
        "TIMER_DELAY_SEC,soon",
        "TIMER_DELAY_SEC,1.5",
        "TIMER_DELIVER_MS,99999999999999999999",
        "TIMER_DELAY_SEC,2592001",
        "TIMER_DELAY_SEC,9223372036854775807",
        "TIMER_DELAY_MS,9223372036854775807",
        "TIMER_DELIVER_MS,9223372036854775807"
    })
    void refusesATimeThatIsNoneOrTooFarAway(String name, String wish) {
        properties.put(name, wish);

        assertThat(refusal(rules.park(properties, 0, ORDERS, NOW))).isEqualTo(Refusal.MESSAGE_ILLEGAL);
    }

    @Test
    void doesNotParkAMessageThatHasWaitedNorOneThatIsPrepared() {
        properties.put(MessageProperties.TIMER_DELAY_SEC, "5");
        assertThat(park(SysFlag.TRANSACTION_PREPARED)).isEqualTo(ORDERS);

        properties.put(MessageProperties.TIMER_OUT_MS, NOW - 1);
        assertThat(park(0)).isEqualTo(ORDERS);
    }

    @Test
    void refusesARecallOfWhatIsDue() {
        properties.put(MessageProperties.TIMER_DELIVER_MS, NOW).put(MessageProperties.TIMER_DEL_UNIQKEY, "orders+1");

        assertThat(refusal(rules.park(properties, 0, ORDERS, NOW))).isEqualTo(Refusal.MESSAGE_ILLEGAL);
    }

    @Test
    void givesAHandleForWhatWaitsInTheTimerQueueOnly() {
        assertThat(rules.recallHandle(ORDERS, properties, "id")).isNull();
        properties.put(MessageProperties.TIMER_DELIVER_MS, NOW + 5);
        QueueId parked = park(0);

        String handle = rules.recallHandle(parked, properties, "id");
        assertThat(new String(java.util.Base64.getUrlDecoder().decode(handle), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("v1 orders broker-a " + (NOW + 6) + " id");
        properties.put(MessageProperties.REAL_TOPIC, "%RETRY%g");
        assertThat(rules.recallHandle(parked, properties, "id")).isNull();
    }

    @Test
    void whatWaitedOnALevelCanWaitForItsTimeInstead() {
        properties
                .put(MessageProperties.DELAY, "18")
                .put(MessageProperties.REAL_TOPIC, "orders")
                .put(MessageProperties.REAL_QID, "3")
                .put(MessageProperties.TIMER_DEL_UNIQKEY, "orders+1");

        assertThat(rules.parkFromLevel(properties, NOW + 5).value()).isEqualTo(Timers.QUEUE);
        assertThat(properties.get(MessageProperties.TIMER_OUT_MS)).isEqualTo("" + (NOW + 5));
        assertThat(properties.contains(MessageProperties.TIMER_DEL_UNIQKEY)).isFalse();
        assertThat(rules.releaseTimed(properties, 7, 9).value()).isEqualTo(ORDERS);
    }

    @Test
    void countsRolls() {
        rules.roll(properties);
        rules.roll(properties);
        assertThat(properties.get(MessageProperties.TIMER_ROLL_TIMES)).isEqualTo("2");
    }

    @Test
    void leavesNotesOutThatDoNotFit() {
        properties
                .put(MessageProperties.REAL_TOPIC, "o")
                .put(MessageProperties.REAL_QID, "0")
                .put("x", "y".repeat(MessageProperties.LARGEST_BYTES - 20));

        assertThat(rules.releaseTimed(properties, 7, 9).value().index()).isZero();
        assertThat(properties.length()).isLessThanOrEqualTo(MessageProperties.LARGEST_BYTES);
    }
}
