package io.vostok.store.timer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimerHeapTest {
    private record Item(long due, boolean recall, long offset, int entry) {}

    @Test
    void givesTheEarliestThenRecallsThenTheOldestWhateverComesAndGoes() {
        Random random = new Random(3);
        TimerHeap heap = new TimerHeap();
        PriorityQueue<Item> expected = new PriorityQueue<>(Comparator.comparingLong(Item::due)
                .thenComparing(each -> !each.recall())
                .thenComparing(Item::offset));
        for (int step = 0; step < 50_000; step++) {
            boolean grow = step % 4_000 < 2_200;
            if (random.nextInt(10) < (grow ? 7 : 3)) {
                Item item = new Item(random.nextInt(200), random.nextInt(5) == 0, step, step * 3);
                heap.add(item.due(), item.recall(), item.offset(), item.entry());
                expected.add(item);
            } else if (!expected.isEmpty()) {
                Item first = expected.remove();
                assertThat(heap.firstDueMillis()).isEqualTo(first.due());
                assertThat(heap.firstEntry()).isEqualTo(first.entry());
                if (random.nextInt(4) > 0) {
                    heap.removeFirst();
                } else {
                    // Another one than the first: it goes from the middle.
                    Item any = expected.stream()
                            .skip(random.nextInt(expected.size() + 1))
                            .findFirst()
                            .orElse(first);
                    if (!any.equals(first)) {
                        expected.remove(any);
                        expected.add(first);
                    }
                    assertThat(heap.remove(any.entry())).isTrue();
                    assertThat(heap.remove(any.entry())).isFalse();
                }
            }
            assertThat(heap.size()).isEqualTo(expected.size());
        }
    }

    @Test
    void forgetsEverything() {
        TimerHeap heap = new TimerHeap();
        for (int i = 0; i < 1_000; i++) heap.add(i, false, i, i);
        heap.clear();

        assertThat(heap.size()).isZero();
        assertThat(heap.firstDueMillis()).isEqualTo(Long.MAX_VALUE);
        heap.add(7, false, 1, 9);
        assertThat(heap.firstEntry()).isEqualTo(9);
    }
}
