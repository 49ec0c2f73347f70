package io.vostok.store.transaction;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HalfTableTest {
    /** What the table should say of one half message; not scheduled when due is null. */
    private record Expected(
            long offset, long position, @Nullable Long due) {}

    @Test
    void agreesWithAPlainModel() {
        for (long seed = 1; seed <= 30; seed++) {
            Random random = new Random(seed);
            HalfTable table = new HalfTable();
            Map<Long, Expected> model = new HashMap<>();
            for (int step = 0; step < 1_500; step++) {
                change(random, table, model);
                check(random, table, model, "seed " + seed + " step " + step);
            }
        }
    }

    private static void change(Random random, HalfTable table, Map<Long, Expected> model) {
        long offset = random.nextInt(400);
        int slot = table.find(offset);
        long due = random.nextInt(50);
        if (slot == HalfTable.NONE) {
            table.add(offset, offset * 3, 5, 0, 0, due);
            model.put(offset, new Expected(offset, offset * 3, due));
            return;
        }
        switch (random.nextInt(4)) {
            case 0, 1 -> {
                table.remove(slot);
                model.remove(offset);
            }
            case 2 -> {
                table.unschedule(slot);
                model.put(offset, new Expected(offset, offset * 3, null));
            }
            default -> {
                table.schedule(slot, due);
                model.put(offset, new Expected(offset, offset * 3, due));
            }
        }
    }

    private static void check(Random random, HalfTable table, Map<Long, Expected> model, String when) {
        assertThat(table.size()).as(when).isEqualTo(model.size());
        long any = random.nextInt(400);
        @Nullable Expected expected = model.get(any);
        int slot = table.find(any);
        assertThat(slot == HalfTable.NONE).as(when).isEqualTo(expected == null);
        if (expected != null) {
            assertThat(table.position(slot)).as(when).isEqualTo(expected.position());
            assertThat(table.scheduled(slot)).as(when).isEqualTo(expected.due() != null);
        }
        @Nullable Expected first = null;
        for (Expected each : model.values()) {
            if (each.due() != null && (first == null || before(each, first))) first = each;
        }
        assertThat(table.first() == HalfTable.NONE).as(when).isEqualTo(first == null);
        if (first != null) assertThat(table.offset(table.first())).as(when).isEqualTo(first.offset());
    }

    private static boolean before(Expected one, Expected other) {
        long due = requireNonNull(one.due());
        long otherDue = requireNonNull(other.due());
        return due != otherDue ? due < otherDue : one.offset() < other.offset();
    }
}
