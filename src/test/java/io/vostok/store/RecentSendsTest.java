package io.vostok.store;

import static io.vostok.store.StoreKit.queue;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.model.QueueId;
import io.vostok.model.SysFlag;
import io.vostok.store.dedupe.RepeatKeys;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What counts as the same send, before and after a restart. */
class RecentSendsTest {
    private static final QueueId QUEUE = queue("orders", 0);
    private static final Duration WINDOW = Duration.ofMinutes(5);

    private final StoreKit kit = new StoreKit();
    private RecentSends recent = learned();

    @Test
    void answersARepeatWithThePlaceOfTheFirst() {
        Stored before = send(QUEUE, "before", id("0"));
        Stored first = send(QUEUE, "body", id("1") + "TAGS\1a\2");

        FirstSend again = requireNonNull(repeat(QUEUE, "body", id("1") + "TAGS\1a\2"));

        assertThat(again.stored()).isEqualTo(first);
        assertThat(again.stored().queueOffset()).isEqualTo(before.queueOffset() + 1);
        assertThat(again.queueId()).isZero();
    }

    @Test
    void knowsARepeatThatGoesToAnotherQueueOfTheTopic() {
        Stored first = send(queue("orders", 3), "body", id("1"));

        FirstSend again = requireNonNull(repeat(QUEUE, "body", id("1")));

        assertThat(again).isEqualTo(new FirstSend(first, 3));
    }

    @Test
    void storesWhatDiffersInBodyFlagsOrProperties() {
        send(QUEUE, "body", id("1") + "TAGS\1a\2");

        assertThat(repeat(QUEUE, "bode", id("1") + "TAGS\1a\2")).isNull();
        assertThat(repeat(QUEUE, "body!", id("1") + "TAGS\1a\2")).isNull();
        assertThat(repeat(QUEUE, "body", id("1") + "TAGS\1b\2")).isNull();
        assertThat(repeat(QUEUE, "body", id("1"))).isNull();
        assertThat(repeat(QUEUE, StoreKit.record(QUEUE, "body", id("1") + "TAGS\1a\2", SysFlag.COMPRESSED), 1, "1"))
                .isNull();
        assertThat(repeat(queue("other", 0), "body", id("1") + "TAGS\1a\2")).isNull();
        assertThat(repeat(QUEUE, "body", id("1") + "TAGS\1a\2")).isNotNull();
    }

    @Test
    void aKeyThatTwoMessagesShareSwallowsNeither() {
        ByteBuffer one = StoreKit.record(QUEUE, "one", id("1"), 0);
        ByteBuffer two = StoreKit.record(QUEUE, "two", id("2"), 0);
        recent.remember(77, append(QUEUE, one, 1).position(), nanos());

        assertThat(recent.first(77, two, 1, nanos())).isNull();
        assertThat(recent.first(77, one, 1, nanos())).isNotNull();
    }

    @Test
    void forgetsAfterTheWindowAlsoWhenTheWallClockIsSetBack() {
        send(QUEUE, "body", id("1"));
        kit.clock.stepWall(Duration.ofHours(-2));

        kit.clock.advance(WINDOW.minusSeconds(1));
        assertThat(repeat(QUEUE, "body", id("1"))).isNotNull();
        kit.clock.advance(Duration.ofSeconds(2));
        assertThat(repeat(QUEUE, "body", id("1"))).isNull();
    }

    @Test
    void forgetsWhatTheLogNoLongerHolds() {
        Stored first = send(QUEUE, "body", id("1"));
        while (kit.store.view().firstPosition() <= first.position()) {
            kit.append(QUEUE, StoreKit.text(1, 3_000));
            kit.dispatch();
            kit.store.flusher().flush();
            kit.store.flusher().checkpoint();
            kit.disk.pretendUsedRatio(0.95);
            kit.store.housekeeping().clean(kit.clock.wallMillis(), DeletionGuard.NONE);
            kit.disk.pretendUsedRatio(0.1);
        }

        assertThat(repeat(QUEUE, "body", id("1"))).isNull();
    }

    @Test
    void knowsABatchThatComesAgainAsAWholeOnly() {
        Stored first = append(QUEUE, batch("a", "b", "c"), 3);
        recent.remember(key(QUEUE, "1"), first.position(), nanos());

        assertThat(requireNonNull(repeat(QUEUE, batch("a", "b", "c"), 3, "1")).stored())
                .isEqualTo(first);
        assertThat(repeat(QUEUE, batch("a", "b", "d"), 3, "1")).isNull();
        assertThat(repeat(QUEUE, batch("a", "b", "c", "d"), 4, "1")).isNull();
        assertThat(repeat(QUEUE, batch("b", "c"), 2, "2")).isNull();
    }

    @Test
    void aBatchIsNoRepeatOfMessagesThatWereSentOneByOneToOtherQueues() {
        recent.remember(key(QUEUE, "1"), append(QUEUE, batch("a"), 1).position(), nanos());
        append(queue("orders", 1), StoreKit.record(queue("orders", 1), "b", id("2"), 0), 1);

        assertThat(repeat(QUEUE, batch("a", "b"), 2, "1")).isNull();
    }

    @Test
    void knowsADelayedMessageThatCameToAnotherQueueAndAnswersWithTheFirst() {
        QueueId level = queue("SCHEDULE_TOPIC_XXXX", 2);
        String parked = id("1") + "DELAY\0013\2REAL_TOPIC\1orders\2REAL_QID\001";
        Stored first = send(level, "body", parked + "9\2");

        FirstSend again = requireNonNull(repeat(level, "body", parked + "10\2"));

        assertThat(again).isEqualTo(new FirstSend(first, 9));
        assertThat(requireNonNull(repeat(level, "body", parked + "9\2")).queueId())
                .isEqualTo(9);
        assertThat(repeat(level, "bodx", parked + "10\2")).isNull();
        assertThat(repeat(level, "body", parked.replace("orders", "others") + "9\2"))
                .isNull();
    }

    @Test
    void tellsWhenTheFirstIsDueThatWaitsForATimeOfItsOwn() {
        QueueId timers = queue("rmq_sys_wheel_timer", 0);
        String parked = id("1") + "TIMER_DELAY_SEC\0019\2REAL_TOPIC\1orders\2REAL_QID\0011\2TIMER_OUT_MS\1";
        Stored first = send(timers, "body", parked + "1700000009000\2");

        assertThat(repeat(timers, "body", parked + "1700000009734\2"))
                .isEqualTo(new FirstSend(first, 1, 1_700_000_009_000L));
    }

    @Test
    void storesWhatComesAgainForATopicThatWasDeletedMeanwhile() {
        send(QUEUE, "body", id("1"));
        kit.dispatch();
        kit.store.housekeeping().deleteTopic(QUEUE.topic(), kit.store.log().forget(QUEUE.topic()));

        assertThat(repeat(QUEUE, "body", id("1"))).isNull();
        kit.killAndReopen();
        recent = learned();
        assertThat(repeat(QUEUE, "body", id("1"))).isNull();
        Stored anew = send(QUEUE, "body", id("1"));
        assertThat(requireNonNull(repeat(QUEUE, "body", id("1"))).stored()).isEqualTo(anew);
    }

    @Test
    void knowsATimedMessageThatComesAgainWhenItsTimeIsOver() {
        QueueId timers = queue("rmq_sys_wheel_timer", 0);
        String timed = id("1") + "TIMER_DELIVER_MS\0011700000000500\2";
        String parked = timed + "REAL_TOPIC\1orders\2REAL_QID\0011\2TIMER_OUT_MS\0011700000000500\2";
        Stored first = send(timers, "body", parked);
        // Its delivered copy, which no producer sent.
        append(
                queue("orders", 1),
                StoreKit.record(queue("orders", 1), "body", timed + "TIMER_OUT_MS\0011700000000500\2", 0),
                1);

        for (int life = 0; life < 2; life++) {
            assertThat(late("body", timed, "1")).isEqualTo(new FirstSend(first, 1, 1_700_000_000_500L));
            assertThat(late("bodx", timed, "1")).isNull();
            assertThat(late("body", timed + "k\1v\2", "1")).isNull();
            kit.killAndReopen();
            recent = learned();
        }
    }

    @Test
    void knowsATimedMessageAgainThatWasLateTheFirstTime() {
        String timed = id("1") + "TIMER_DELIVER_MS\0011600000000000\2";
        Stored first = append(QUEUE, StoreKit.record(QUEUE, "body", timed, 0), 1);
        recent.remember(key(queue("rmq_sys_wheel_timer", 0), "1"), first.position(), nanos());

        for (int life = 0; life < 2; life++) {
            assertThat(late("body", timed, "1")).isEqualTo(new FirstSend(first, 0));
            kit.killAndReopen();
            recent = learned();
        }
    }

    /** What is stored at once because its time is over has the key of those that wait. */
    private @Nullable FirstSend late(String body, String properties, String id) {
        ByteBuffer encoded = StoreKit.record(QUEUE, body, properties, 0);
        return recent.first(key(queue("rmq_sys_wheel_timer", 0), id), encoded, 1, nanos());
    }

    @Test
    void isNotFooledByAPlainMessageWithThePropertiesOfADelayedOne() {
        String forwarded = id("1") + "REAL_TOPIC\1orders\2REAL_QID\0015\2";
        send(queue("orders", 3), "body", forwarded);

        assertThat(requireNonNull(repeat(QUEUE, "body", forwarded)).queueId()).isEqualTo(3);
        assertThat(repeat(QUEUE, "body", forwarded.replace("5", "6"))).isNull();
    }

    @Test
    void knowsRepeatsAfterAKillAndAnOrderlyStop() {
        Stored single = send(queue("orders", 2), "body", id("single"));
        Stored batch = append(QUEUE, batch("a", "b"), 2);
        append(QUEUE, StoreKit.record(QUEUE, "nameless", "", 0), 1);

        kit.killAndReopen();
        recent = learned();
        assertThat(requireNonNull(repeat(QUEUE, "body", id("single")))).isEqualTo(new FirstSend(single, 2));

        kit.reopen();
        recent = learned();
        assertThat(requireNonNull(repeat(QUEUE, "body", id("single")))).isEqualTo(new FirstSend(single, 2));
        assertThat(requireNonNull(repeat(QUEUE, batch("a", "b"), 2, "1")).stored())
                .isEqualTo(batch);
    }

    @Test
    void theWindowGoesOnOverARestart() {
        send(QUEUE, "old", id("old"));
        kit.clock.advance(WINDOW.dividedBy(2));
        send(QUEUE, "new", id("new"));
        kit.killAndReopen();
        kit.clock.advance(WINDOW.dividedBy(2).plusSeconds(1));

        recent = learned();

        assertThat(repeat(QUEUE, "old", id("old"))).isNull();
        assertThat(repeat(QUEUE, "new", id("new"))).isNotNull();
    }

    @Test
    void learnsFromTheEndOfTheLogOnlyWhatTheWindowHolds() {
        for (int i = 0; i < 100; i++) {
            send(QUEUE, StoreKit.text(i, 300), id("old" + i));
            kit.dispatch();
            kit.store.housekeeping().makeIndexRoom(kit.clock.wallMillis());
            kit.dispatch();
        }
        kit.clock.advance(WINDOW.plusSeconds(2));
        send(QUEUE, "new", id("new"));
        kit.reopen();

        recent = learned();

        assertThat(recent.size()).isEqualTo(1);
        assertThat(repeat(QUEUE, "new", id("new"))).isNotNull();
    }

    @Test
    void doesNotKnowWhatAPowerCutTook() {
        kit.store.flusher().flush();
        send(QUEUE, "body", id("1"));

        kit.cutPowerAndReopen(new Random(3));
        recent = learned();

        boolean survived = kit.store.watermarks().appended() > 0;
        assertThat(repeat(QUEUE, "body", id("1")) != null).isEqualTo(survived);
    }

    private RecentSends learned() {
        return kit.store.recentSends(WINDOW, 1_000, 7);
    }

    private Stored send(QueueId queue, String body, String properties) {
        Stored stored = append(queue, StoreKit.record(queue, body, properties, 0), 1);
        recent.remember(key(queue, idOf(properties)), stored.position(), nanos());
        return stored;
    }

    private Stored append(QueueId queue, ByteBuffer encoded, int count) {
        kit.store.housekeeping().makeRoom();
        return kit.store.log().append(queue, encoded, count, kit.clock.wallMillis());
    }

    private @Nullable FirstSend repeat(QueueId queue, String body, String properties) {
        return repeat(queue, StoreKit.record(queue, body, properties, 0), 1, idOf(properties));
    }

    private @Nullable FirstSend repeat(QueueId queue, ByteBuffer encoded, int count, String id) {
        int position = encoded.position();
        int limit = encoded.limit();
        @Nullable FirstSend first = recent.first(key(queue, id), encoded, count, nanos());
        assertThat(encoded.position()).isEqualTo(position);
        assertThat(encoded.limit()).isEqualTo(limit);
        return first;
    }

    private long key(QueueId queue, String id) {
        byte[] topic = queue.topic().value().getBytes(StandardCharsets.UTF_8);
        RepeatKeys keys = recent.keys();
        return keys.of(keys.ofTopic(topic, 0, topic.length), id);
    }

    private long nanos() {
        return kit.clock.monotonicNanos();
    }

    /** Records whose ids are 1, 2, 3, … */
    private static ByteBuffer batch(String... bodies) {
        ByteBuffer batch = ByteBuffer.allocate(64 * 1024);
        for (int i = 0; i < bodies.length; i++) batch.put(StoreKit.record(QUEUE, bodies[i], id("" + (i + 1)), 0));
        return batch.flip();
    }

    private static String id(String id) {
        return "UNIQ_KEY\1" + id + "\2";
    }

    private static String idOf(String properties) {
        return properties.substring("UNIQ_KEY\1".length(), properties.indexOf('\2'));
    }
}
