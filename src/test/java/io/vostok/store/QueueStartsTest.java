package io.vostok.store;

import static io.vostok.store.StoreKit.queue;
import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.model.QueueId;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class QueueStartsTest {
    private static final QueueId A = queue("a", 1);
    private static final QueueId B = queue("b", 0);

    private final StoreKit kit = new StoreKit();

    @Test
    void writesBytesAsDocumented() {
        long position = noteTwoOfA();

        assertThat(HexFormat.of().formatHex(kit.content(QueueStarts.PATH)))
                .startsWith("564f53544f4b5153" + HexFormat.of().toHexDigits(position) + "00000001" + "0001" + "61"
                        + "00000001" + "0000000000000002")
                .hasSize(2 * (20 + 15 + 4));
    }

    @Test
    void knowsWhichUnitsAQueueNeverHad() {
        long position = noteTwoOfA();
        QueueStarts starts = new QueueStarts(kit.disk, kit.events);

        assertThat(starts.contradict(A, 1, position - 1)).isFalse();
        assertThat(starts.contradict(A, 2, position - 1)).isTrue();
        assertThat(starts.contradict(A, 2, position)).as("the log can tell").isFalse();
        assertThat(starts.contradict(B, 0, 0)).as("a queue that started at 0").isTrue();
    }

    @Test
    void contradictsNothingWhenDamaged() {
        noteTwoOfA();
        kit.disk.flipBit(QueueStarts.PATH, 8 * 30);

        QueueStarts starts = new QueueStarts(kit.disk, kit.events);

        assertThat(starts.contradict(A, 7, 0)).isFalse();
        assertThat(kit.lines).anyMatch(line -> line.contains("queue starts dropped"));
    }

    @Test
    void isNoReasonToKeepTheLogOfAFullDisk() {
        kit.disk.fillUp(0);

        new QueueStarts(kit.disk, kit.events).note(4096, List.of());

        assertThat(kit.lines).anyMatch(line -> line.contains("queue starts not written"));
    }

    /** Returns the position noted: two messages of A are before it and one is behind, as is all of B. */
    private long noteTwoOfA() {
        kit.append(A, "zero");
        long position = kit.append(A, "one").endPosition();
        kit.append(A, "two");
        kit.append(B, "zero");
        kit.dispatch();
        new QueueStarts(kit.disk, kit.events).note(position, List.of(kit.index(A), kit.index(B)));
        return position;
    }
}
