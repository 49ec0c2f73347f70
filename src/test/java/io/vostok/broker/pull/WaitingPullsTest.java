package io.vostok.broker.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.session.ClientChannel;
import io.vostok.broker.session.TagFilter;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.RecordFilter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WaitingPullsTest {
    private record Channel(long id) implements ClientChannel {
        @Override
        public String address() {
            return "127.0.0.1:" + id;
        }
    }

    private record Parked(
            int id, QueueId queue, long offset, RecordFilter filter, long deadline, ClientChannel channel) {}

    private static final TopicName ORDERS = new TopicName("orders");
    private final ClientChannel channel = new Channel(1);
    private final WaitingPulls<String> waiting = new WaitingPulls<>(3);

    private static QueueId queue(int index) {
        return new QueueId(ORDERS, index);
    }

    private List<String> arrived(int queue, long nextOffset, long tagsCode) {
        List<String> out = new ArrayList<>();
        waiting.arrived(queue(queue), nextOffset, tagsCode, out::add);
        return out;
    }

    @Test
    void wakesThoseOfTheQueueOnce() {
        waiting.park("a", queue(0), 5, RecordFilter.ALL, 100, channel);
        waiting.park("b", queue(1), 5, RecordFilter.ALL, 100, channel);
        assertThat(arrived(0, 6, 0)).containsExactly("a");
        assertThat(arrived(0, 7, 0)).isEmpty();
        assertThat(waiting.size()).isEqualTo(1);
    }

    @Test
    void staysWhileArrivalsAreFiltered() {
        waiting.park("a", queue(0), 5, TagFilter.of(List.of("A")), 100, channel);
        assertThat(arrived(0, 6, "B".hashCode())).isEmpty();
        assertThat(arrived(0, 7, "A".hashCode())).containsExactly("a");
    }

    @Test
    void ignoresArrivalsBeforeItsOffset() {
        waiting.park("a", queue(0), 5, RecordFilter.ALL, 100, channel);
        assertThat(arrived(0, 5, 0)).isEmpty();
    }

    @Test
    void takesNoMoreThanItsBound() {
        for (int i = 0; i < 3; i++)
            assertThat(waiting.park("a", queue(i), 0, RecordFilter.ALL, i, channel))
                    .isTrue();
        assertThat(waiting.full()).isTrue();
        assertThat(waiting.park("b", queue(9), 0, RecordFilter.ALL, 1, channel)).isFalse();
        assertThat(waiting.size()).isEqualTo(3);
    }

    @Test
    void forgetsThoseOfAClosedConnection() {
        waiting.park("a", queue(0), 0, RecordFilter.ALL, 100, channel);
        waiting.park("b", queue(0), 0, RecordFilter.ALL, 100, new Channel(2));
        waiting.closed(channel);
        assertThat(arrived(0, 1, 0)).containsExactly("b");
    }

    @Test
    void handsOverWhatWasOvertaken() {
        waiting.park("a", queue(0), 5, TagFilter.of(List.of("A")), 100, channel);
        waiting.park("b", queue(1), 5, RecordFilter.ALL, 100, channel);
        List<String> out = new ArrayList<>();
        waiting.overtaken(queue -> queue.index() == 0 ? 6 : 5, out::add);
        assertThat(out).containsExactly("a");
    }

    @Test
    void releasesThoseThatAreMeantWhateverTheyWaitFor() {
        WaitingPulls<Integer> many = new WaitingPulls<>(100);
        Random random = new Random(3);
        for (int i = 0; i < 100; i++) {
            many.park(i, queue(i % 7), 5, TagFilter.of(List.of("A")), random.nextInt(1_000), channel);
        }
        List<Integer> out = new ArrayList<>();

        many.released(id -> id % 3 == 0, out::add);

        assertThat(out).hasSize(34).doesNotHaveDuplicates().allMatch(id -> id % 3 == 0);
        assertThat(many.size()).isEqualTo(66);
        List<Integer> rest = new ArrayList<>();
        many.expired(1_000, rest::add);
        assertThat(rest).hasSize(66).doesNotHaveDuplicates().noneMatch(id -> id % 3 == 0);
    }

    @Test
    void letsTheReceiverParkAgain() {
        waiting.park("a", queue(0), 5, RecordFilter.ALL, 10, channel);
        waiting.expired(10, pull -> waiting.park(pull, queue(0), 5, RecordFilter.ALL, 10, channel));
        waiting.arrived(queue(0), 6, 0, pull -> waiting.park(pull, queue(0), 6, RecordFilter.ALL, 10, channel));
        assertThat(waiting.size()).isEqualTo(1);
    }

    @Test
    void hasNoDeadlineWhenNothingWaits() {
        assertThat(waiting.nextDeadlineNanos()).isEqualTo(WaitingPulls.NONE);
    }

    @Test
    void behavesLikeAPlainList() {
        Random random = new Random(42);
        int most = 64;
        // Deadlines around the wrap of the monotonic clock.
        long origin = Long.MAX_VALUE - 500;
        WaitingPulls<Parked> pulls = new WaitingPulls<>(most);
        List<Parked> model = new ArrayList<>();
        List<ClientChannel> channels = List.of(new Channel(1), new Channel(2), new Channel(3));
        List<RecordFilter> filters = List.of(RecordFilter.ALL, TagFilter.ofCodes(1, 2), TagFilter.ofCodes(3));
        long now = 0;
        for (int step = 0; step < 20_000; step++) {
            List<Parked> out = new ArrayList<>();
            List<Parked> expected = new ArrayList<>();
            switch (random.nextInt(20)) {
                case 0 -> {
                    QueueId queue = queue(random.nextInt(6));
                    long next = random.nextInt(12);
                    long code = random.nextInt(5);
                    pulls.arrived(queue, next, code, out::add);
                    for (Parked p : model) {
                        if (p.queue.equals(queue) && p.offset < next && p.filter.matchesUnit(code)) expected.add(p);
                    }
                }
                case 1 -> {
                    now += random.nextInt(30);
                    long at = origin + now;
                    pulls.expired(at, out::add);
                    for (Parked p : model) if (p.deadline - at <= 0) expected.add(p);
                    assertThat(out).isSortedAccordingTo(Comparator.comparingLong(p -> p.deadline - origin));
                }
                case 2 -> {
                    if (random.nextInt(5) > 0) continue;
                    ClientChannel channel = channels.get(random.nextInt(3));
                    pulls.closed(channel);
                    model.removeIf(p -> p.channel == channel);
                }
                default -> {
                    Parked p = new Parked(
                            step,
                            queue(random.nextInt(6)),
                            random.nextInt(10),
                            filters.get(random.nextInt(3)),
                            origin + now + random.nextInt(100),
                            channels.get(random.nextInt(3)));
                    boolean taken = pulls.park(p, p.queue, p.offset, p.filter, p.deadline, p.channel);
                    assertThat(taken).isEqualTo(model.size() < most);
                    if (taken) model.add(p);
                }
            }
            assertThat(out).containsExactlyInAnyOrderElementsOf(expected);
            model.removeAll(expected);
            assertThat(pulls.size()).isEqualTo(model.size());
            long first = model.stream()
                    .map(Parked::deadline)
                    .min(Comparator.comparingLong(deadline -> deadline - origin))
                    .orElse(WaitingPulls.NONE);
            assertThat(pulls.nextDeadlineNanos()).isEqualTo(first);
        }
    }
}
