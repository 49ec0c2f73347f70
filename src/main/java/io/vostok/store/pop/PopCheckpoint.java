package io.vostok.store.pop;

import io.vostok.wire.body.PopCheckpointBody;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages of one queue that one pop gave to a group. Each is acked, or comes again when the invisible time is over. The pop
 * owner's thread.
 */
public final class PopCheckpoint extends ReviveEntry {
    private final long startOffset;
    private final long popMillis;
    private final long invisibleMillis;
    private final int[] diffs;
    private int acked;
    /** Messages that are held by another checkpoint now, which the log may not have. */
    private int moved;

    private int reviving;
    private @Nullable PopCheckpoint replaced;
    private int replacedIndex;
    private boolean replacing;
    /** Acks that the log has not answered yet. */
    int acksUnderWay;

    PopCheckpoint(
            PopQueue queue,
            long serial,
            long startOffset,
            long popMillis,
            long invisibleMillis,
            int[] diffs,
            int acked) {
        super(queue, serial);
        this.startOffset = startOffset;
        this.popMillis = popMillis;
        this.invisibleMillis = invisibleMillis;
        this.diffs = diffs;
        this.acked = acked & all();
    }

    /** Returns where the pop began to read; with queue, group and {@link #popMillis} the name of the checkpoint. */
    public long startOffset() {
        return startOffset;
    }

    /** Returns the wall time of the pop. */
    public long popMillis() {
        return popMillis;
    }

    public long invisibleMillis() {
        return invisibleMillis;
    }

    /** Returns how many messages it has. */
    public int size() {
        return diffs.length;
    }

    /** Returns the offset of a message in its queue. */
    public long offset(int index) {
        return startOffset + diffs[index];
    }

    long endOffset() {
        return diffs.length == 0 ? startOffset : offset(diffs.length - 1) + 1;
    }

    /** Returns the index of the message, or -1 when it is none of these. */
    public int indexOf(long offset) {
        long diff = offset - startOffset;
        if (diff < 0 || diff > Integer.MAX_VALUE) return -1;
        int found = Arrays.binarySearch(diffs, (int) diff);
        return found < 0 ? -1 : found;
    }

    /** Tells whether the message is no longer held: acked, or its copy is stored. */
    public boolean isAcked(int index) {
        return (acked & 1 << index) != 0;
    }

    boolean setAcked(int index) {
        if (isAcked(index)) return false;
        acked |= 1 << index;
        return true;
    }

    /** Takes note that the message is being copied; returns false when it was before, so that no two copies are made. */
    public boolean startReviving(int index) {
        if ((reviving & 1 << index) != 0) return false;
        reviving |= 1 << index;
        return true;
    }

    void stopReviving(int index) {
        reviving &= ~(1 << index);
    }

    /** Tells whether the message is held, and not being copied already because its time is over. */
    public boolean isHeld(int index) {
        return !isAcked(index) && (reviving & 1 << index) == 0;
    }

    /** Makes this the new time of a message of {@code old}. */
    void replace(PopCheckpoint old, int index) {
        old.moved |= 1 << index;
        replaced = old;
        replacedIndex = index;
        replacing = true;
    }

    /** Returns whether it replaces something of which it is not yet to be written that it is void; only once. */
    boolean takeReplacing() {
        boolean first = replacing;
        replacing = false;
        return first;
    }

    /** Returns the checkpoint whose message this holds for a new time, or null. */
    public @Nullable PopCheckpoint replaced() {
        return replaced;
    }

    /** It is being written that the other is void. */
    public void forgetReplaced() {
        if (replaced != null) replaced.moved &= ~(1 << replacedIndex);
        replaced = null;
    }

    /** Returns which of the messages of {@link #replaced} this holds. */
    public int replacedIndex() {
        return replacedIndex;
    }

    /** Takes over acks; returns how many were news. */
    int merge(int otherAcked) {
        int news = otherAcked & all() & ~acked;
        acked |= news;
        return Integer.bitCount(news);
    }

    int held() {
        return diffs.length - Integer.bitCount(acked);
    }

    @Override
    public boolean finished() {
        return acked == all();
    }

    @Override
    boolean needed() {
        return !finished() || moved != 0;
    }

    private int all() {
        return diffs.length == PopCheckpointBody.MOST ? -1 : (1 << diffs.length) - 1;
    }

    /** Returns its record as it is now. */
    public PopCheckpointBody body(String brokerName) {
        List<Integer> list = Arrays.stream(diffs).boxed().toList();
        return new PopCheckpointBody(
                startOffset,
                popMillis,
                invisibleMillis,
                acked & ~moved,
                queue.queue().index(),
                queue.queue().topic().value(),
                queue.group().value(),
                list,
                brokerName);
    }

    @Override
    public String toString() {
        return queue + " from " + startOffset + " of " + popMillis;
    }
}
