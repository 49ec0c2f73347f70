package io.vostok.service;

import io.vostok.model.QueueId;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.ConsumeQueues;
import io.vostok.wire.body.RedrivenTable;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which dead letters were sent again: one bit each, less for those in a row. One thread. */
final class RedrivenMarks {
    private final ConsumeQueues queues;
    private final Map<String, Map<Integer, Marks>> groups = new HashMap<>();
    private boolean changed;

    private static final class Marks {
        private long below;
        private BitSet further = new BitSet();
        private long lastOffset = -1;
        private long lastPosition = -1;
    }

    RedrivenMarks(ConsumeQueues queues, RedrivenTable saved) {
        this.queues = queues;
        saved.groups()
                .forEach((group, all) -> all.forEach((number, queue) -> {
                    Marks marks = new Marks();
                    marks.below = queue.below();
                    marks.further = (BitSet) queue.further().clone();
                    marks.lastOffset = queue.lastOffset();
                    marks.lastPosition = queue.lastPosition();
                    groups.computeIfAbsent(group, none -> new HashMap<>()).put(number, marks);
                }));
    }

    boolean isMarked(String group, QueueId queue, long offset) {
        @Nullable Marks marks = known(group, queue);
        if (marks == null) return false;
        return offset < marks.below || marks.further.get((int) (offset - marks.below));
    }

    /** Its copy is durable. */
    void mark(String group, QueueId queue, long offset, long position) {
        @Nullable Marks marks = known(group, queue);
        if (marks == null) {
            marks = new Marks();
            @Nullable ConsumeQueue found = queues.find(queue);
            marks.below = found == null ? offset : Math.min(offset, found.minOffset());
            groups.computeIfAbsent(group, none -> new HashMap<>()).put(queue.index(), marks);
        }
        changed = true;
        if (offset < marks.below) return;
        marks.further.set((int) (offset - marks.below));
        marks.lastOffset = offset;
        marks.lastPosition = position;
    }

    /** What was noted of a topic that was deleted does not count for the one that has its name now. */
    private @Nullable Marks known(String group, QueueId queue) {
        @Nullable Map<Integer, Marks> all = groups.get(group);
        @Nullable Marks marks = all == null ? null : all.get(queue.index());
        if (all == null || marks == null) return null;
        @Nullable ConsumeQueue found = queues.find(queue);
        boolean same = found != null
                && marks.lastOffset < found.maxOffset()
                && (marks.lastOffset < found.minOffset() || found.position(marks.lastOffset) == marks.lastPosition);
        if (same) return marks;
        all.remove(queue.index());
        changed = true;
        return null;
    }

    boolean changed() {
        return changed;
    }

    /** Returns what to save, without groups of which {@code exists} knows no dead letters. */
    RedrivenTable toSave(Predicate<String> exists) {
        changed = false;
        Map<String, Map<Integer, RedrivenTable.Queue>> table = new LinkedHashMap<>();
        groups.keySet().removeIf(exists.negate());
        groups.forEach((group, all) -> {
            Map<Integer, RedrivenTable.Queue> saved = new LinkedHashMap<>();
            all.forEach((number, marks) -> {
                shorten(marks);
                saved.put(
                        number,
                        new RedrivenTable.Queue(marks.below, marks.further, marks.lastOffset, marks.lastPosition));
            });
            table.put(group, saved);
        });
        return new RedrivenTable(table);
    }

    void notSaved() {
        changed = true;
    }

    private static void shorten(Marks marks) {
        int inARow = marks.further.nextClearBit(0);
        if (inARow == 0) return;
        marks.further = marks.further.get(inARow, Math.max(inARow, marks.further.length()));
        marks.below += inARow;
    }
}
