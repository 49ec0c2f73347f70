package io.vostok.broker.pop;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.session.ClientChannel;
import io.vostok.model.GroupName;
import io.vostok.model.TopicName;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class WaitingPopsTest {
    private static final TopicName ORDERS = new TopicName("orders");
    private static final GroupName BILLING = new GroupName("billing");

    private record Channel(long id) implements ClientChannel {
        @Override
        public String address() {
            return "127.0.0.1:" + id;
        }
    }

    private final ClientChannel one = new Channel(1);
    private final ClientChannel other = new Channel(2);
    private final WaitingPops<String> waiting = new WaitingPops<>(4, 2);

    private boolean park(String pop, int queue, long deadline, ClientChannel channel) {
        return waiting.park(pop, ORDERS, BILLING, queue, deadline, channel);
    }

    private List<WaitingPops.Waiter<String>> waiters() {
        return Objects.requireNonNull(waiting.line(ORDERS, BILLING)).waiters();
    }

    @Test
    void keepsALineInTheOrderOfArrival() {
        park("a", -1, 30, one);
        park("b", 0, 10, one);
        park("c", -1, 20, other);
        assertThat(waiters()).extracting(WaitingPops.Waiter::pop).containsExactly("a", "b", "c");
    }

    @Test
    void expiresInTheOrderOfDeadlines() {
        park("a", -1, 30, one);
        park("b", 0, 10, one);
        assertThat(waiting.nextDeadlineNanos()).isEqualTo(10);
        assertThat(waiting.nextExpired(9)).isNull();
        assertThat(waiting.nextExpired(30)).isEqualTo("b");
        assertThat(waiting.nextExpired(30)).isEqualTo("a");
        assertThat(waiting.nextExpired(30)).isNull();
        assertThat(waiting.nextDeadlineNanos()).isNull();
    }

    @Test
    void expiresAcrossTheTurnOfTheClock() {
        park("late", -1, Long.MIN_VALUE + 5, one);
        park("early", 0, Long.MAX_VALUE - 5, one);
        assertThat(waiting.nextExpired(Long.MAX_VALUE)).isEqualTo("early");
        assertThat(waiting.nextExpired(Long.MAX_VALUE)).isNull();
    }

    @Test
    void takesNoMoreThanItsLimits() {
        assertThat(park("a", 0, 1, one)).isTrue();
        assertThat(park("b", 0, 1, one)).isTrue();
        assertThat(park("c", 0, 1, one)).as("of this queue").isFalse();
        assertThat(park("d", -1, 1, one)).isTrue();
        assertThat(park("e", 1, 1, one)).isTrue();
        assertThat(park("f", 2, 1, one)).as("in all").isFalse();
        assertThat(waiting.count(ORDERS, BILLING, 0)).isEqualTo(2);
        assertThat(waiting.count(ORDERS, BILLING, -1)).isOne();
        waiting.nextExpired(1);
        assertThat(park("g", 0, 1, one)).as("there is room again").isTrue();
    }

    @Test
    void findsWhomAMessageConcernsAlsoInRetryTopics() {
        park("a", -1, 1, one);
        for (String topic : new String[] {"orders", "%RETRY%billing_orders", "%RETRY%billing+orders"}) {
            assertThat(waiting.lines(new TopicName(topic))).as(topic).hasSize(1);
        }
        assertThat(waiting.lines(new TopicName("other"))).isEmpty();
    }

    @Test
    void keepsNothingOfAConnectionThatIsGone() {
        park("a", -1, 1, one);
        park("b", 0, 1, other);
        waiting.closed(one);
        assertThat(waiting.size()).isOne();
        waiting.closed(other);
        waiting.closed(other);
        assertThat(waiting.size()).isZero();
        assertThat(waiting.lines()).isEmpty();
        assertThat(waiting.lines(ORDERS)).isEmpty();
        assertThat(waiting.nextDeadlineNanos()).isNull();
    }

    @Test
    void removesOnce() {
        park("a", -1, 1, one);
        WaitingPops.Waiter<String> waiter = waiters().get(0);
        waiting.remove(waiter);
        park("b", -1, 1, one);
        waiting.remove(waiter);
        assertThat(waiter.waits()).isFalse();
        assertThat(waiting.size()).isOne();
    }
}
