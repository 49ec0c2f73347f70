package io.vostok.store;

import static io.vostok.store.StoreKit.queue;

import io.vostok.kit.Seeds;
import io.vostok.model.QueueId;
import io.vostok.model.SysFlag;
import io.vostok.store.StoreException.Kind;
import io.vostok.store.file.SimCrash;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random histories of a store against a plain model: appends, dispatches, forces, checkpoints, retention, kills, power
 * cuts, torn writes, failed forces, full disks.
 *
 * <p>{@code -Dsim.seed=N} repeats one history; {@code -Dsim.rounds=N} sets how many are tried.
 */
class StoreSim {
    private static final int STEPS = 40;

    @Test
    void keepsItsPromises() {
        Seeds.run(StoreSim.class, 2500, seed -> new History(seed, Seeds.random(seed)).run());
    }

    @Test
    void keepsItsPromisesWhereItOnceDidNot() {
        for (long seed : new long[] {41, 52, 4306, 6844, 35943}) new History(seed, new Random(seed)).run();
    }

    /** A message that the store said it has, or that it may have. */
    private record Entry(QueueId queue, long offset, String body, long end) {}

    private static final class History {
        private final List<QueueId> queues = List.of(queue("a", 0), queue("a", 1), queue("b", 0), queue("c", 7));
        private final Random random;
        private final boolean sync;
        /** Chance of its own, so that the histories of seeds stay what they were. */
        private final Random parts;

        private final StoreKit kit = new StoreKit();
        /** Everything appended, in the order of the log. */
        private final List<Entry> appended = new ArrayList<>();

        private final Map<QueueId, Long> next = new HashMap<>();
        private final Map<QueueId, Map<Long, String>> shown = new HashMap<>();
        private final Map<QueueId, Long> smallest = new HashMap<>();
        private final List<Entry> inFlight = new ArrayList<>();
        private final List<String> story = new ArrayList<>();
        private long flushed;
        private boolean poisoned;
        /** Whether the next force of a queue file may fail. */
        private boolean queueForceFails;

        private boolean tearable;
        private int bodies;

        History(long seed, Random random) {
            this.random = random;
            sync = random.nextBoolean();
            kit.store.close();
            // From one mapped queue file on, so that they are let go and come again all the time.
            parts = new Random(~seed);
            kit.settings = StoreKit.settings(sync).mapping(1 + parts.nextInt(4));
            kit.open();
        }

        void run() {
            try {
                for (int i = 0; i < STEPS; i++) {
                    step();
                    look();
                }
                kill(random.nextBoolean());
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "sync=" + sync + " story=" + story + " lines=" + String.join("\n", kit.lines), e);
            }
        }

        private void step() {
            boolean crashing = random.nextInt(8) == 0;
            if (crashing) kit.disk.crashAtStep(1 + random.nextInt(30));
            long stepsBefore = kit.disk.steps();
            int linesBefore = kit.lines.size();
            try {
                act();
                inFlight.clear();
            } catch (SimCrash e) {
                story.add("crash");
                // Only a write of the interrupted append may be torn, not one that had returned.
                tearable = !inFlight.isEmpty()
                        && String.valueOf(e.getMessage()).startsWith("crashed before: write commitlog")
                        && kit.disk.steps() - stepsBefore >= 2
                        && kit.lines.size() == linesBefore;
                reopenAfter(random.nextBoolean());
                return;
            }
            if (crashing) kit.disk.crashAtStep(Long.MAX_VALUE / 2);
        }

        private void act() {
            switch (random.nextInt(17)) {
                case 0, 1, 2, 3, 4 -> append(1);
                case 16 -> appendEach();
                case 5, 6 -> append(2 + random.nextInt(4));
                case 7 -> appendHidden();
                case 8, 9 -> dispatch();
                case 10 -> flush();
                case 11 -> checkpoint();
                case 12 -> {
                    story.add("room");
                    kit.store.housekeeping().makeRoom();
                }
                case 13 -> clean();
                case 14 -> trouble();
                default -> {
                    story.add("close");
                    boolean wasPoisoned = poisoned;
                    kit.store.close();
                    // A poisoned file stays so for its process.
                    if (wasPoisoned || queueForceFails) kit.disk = kit.disk.crashProcess();
                    else flushed = kit.store.watermarks().flushed();
                    open();
                    check(false);
                }
            }
        }

        private void append(int count) {
            QueueId queue = queues.get(random.nextInt(queues.size()));
            story.add("append " + queue + " x" + count);
            String[] texts = new String[count];
            long offset = next.getOrDefault(queue, 0L);
            for (int i = 0; i < count; i++) {
                texts[i] = StoreKit.text(++bodies, random.nextInt(1200));
                inFlight.add(new Entry(queue, offset + i, texts[i], -1));
            }
            ByteBuffer batch = StoreKit.batch(queue, texts);
            int[] sizes = new int[count];
            for (int i = 0, at = 0; i < count; at += sizes[i++]) sizes[i] = batch.getInt(at);
            clockStep();
            Stored stored;
            try {
                stored = kit.store.log().append(queue, batch, count, kit.clock.wallMillis());
            } catch (StoreException e) {
                that(poisoned || e.kind() == Kind.DISK_FULL || e.kind() == Kind.READ_ONLY, "refused: " + e);
                return;
            }
            that(!poisoned, "appended to a poisoned store");
            that(stored.queueOffset() == offset, "offset " + stored.queueOffset() + " instead of " + offset);
            long end = stored.position();
            for (int i = 0; i < count; i++) {
                end += sizes[i];
                appended.add(new Entry(queue, offset + i, texts[i], end));
            }
            that(end == stored.endPosition(), "the batch is not contiguous");
            next.put(queue, offset + count);
        }

        /** Records of several queues, of which a kill must leave all or none. */
        private void appendEach() {
            List<QueueId> wanted = new ArrayList<>();
            int count = 2 + random.nextInt(2);
            for (int i = 0; i < count; i++) wanted.add(queues.get(random.nextInt(queues.size())));
            story.add("append each " + wanted);
            String[] texts = new String[count];
            Map<QueueId, Long> offsets = new HashMap<>(next);
            for (int i = 0; i < count; i++) {
                texts[i] = StoreKit.text(++bodies, random.nextInt(1200));
                inFlight.add(new Entry(wanted.get(i), offsets.getOrDefault(wanted.get(i), 0L), texts[i], -1));
                offsets.merge(wanted.get(i), 1L, Long::sum);
            }
            ByteBuffer records = StoreKit.each(wanted, texts);
            int[] sizes = new int[count];
            for (int i = 0, at = 0; i < count; at += sizes[i++]) sizes[i] = records.getInt(at);
            Stored stored;
            try {
                stored = kit.store.log().append(wanted, records, kit.clock.wallMillis());
            } catch (StoreException e) {
                that(poisoned || e.kind() == Kind.DISK_FULL || e.kind() == Kind.READ_ONLY, "refused: " + e);
                return;
            }
            that(!poisoned, "appended to a poisoned store");
            long end = stored.position();
            for (int i = 0; i < count; i++) {
                end += sizes[i];
                Entry entry = inFlight.get(inFlight.size() - count + i);
                appended.add(new Entry(entry.queue, entry.offset, entry.body, end));
            }
            that(end == stored.endPosition(), "the records are not contiguous");
            next.putAll(offsets);
        }

        private void appendHidden() {
            story.add("hidden");
            int flag = random.nextBoolean() ? SysFlag.TRANSACTION_PREPARED : SysFlag.TRANSACTION_MASK;
            try {
                kit.store
                        .log()
                        .append(queues.get(0), StoreKit.record(queues.get(0), "half", "", flag), 1, StoreKit.NOW);
            } catch (StoreException e) {
                that(poisoned || e.kind() == Kind.DISK_FULL || e.kind() == Kind.READ_ONLY, "refused: " + e);
            }
        }

        private void dispatch() {
            story.add("dispatch");
            try {
                kit.store.dispatcher().dispatch(1 + random.nextInt(20), StoreKit.NOBODY);
            } catch (StoreException e) {
                that(e.kind() == Kind.DISK_FULL || e.kind() == Kind.READ_ONLY, "dispatch: " + e);
            }
        }

        private void flush() {
            story.add("flush");
            try {
                flushed = kit.store.flusher().flush();
                that(!poisoned, "flushed a poisoned store");
            } catch (StoreException e) {
                that(poisoned, "flush failed: " + e);
            }
        }

        private void checkpoint() {
            story.add("checkpoint");
            if (parts.nextInt(20) == 0) failQueueForce();
            try {
                if (parts.nextInt(3) == 0) kit.store.flusher().checkpoint();
                else kit.store.flusher().checkpointPart(0);
            } catch (StoreException e) {
                that(poisoned || queueForceFails, "checkpoint failed: " + e);
                poisoned = true;
            }
        }

        private void clean() {
            story.add("clean");
            kit.clock.advance(Duration.ofMinutes(45));
            kit.store.housekeeping().clean(kit.clock.wallMillis(), DeletionGuard.NONE);
        }

        private void trouble() {
            switch (random.nextInt(4)) {
                case 0 -> {
                    story.add("full");
                    kit.disk.fillUp(random.nextInt(20_000));
                }
                case 1 -> {
                    story.add("space");
                    kit.disk.fillUp(1 << 24);
                }
                case 2 -> failForce();
                default -> kill(random.nextBoolean());
            }
        }

        private void failForce() {
            if (poisoned || !kit.store.flusher().dirty()) return;
            long written = kit.store.watermarks().appended();
            String path = LogFiles.path((written - 1) / StoreKit.SEGMENT * StoreKit.SEGMENT);
            if (kit.disk.length(path) < 0) return;
            story.add("fail force");
            kit.disk.failNextForce(path);
            poisoned = true;
            flush();
            that(kit.refusal().kind() == Kind.POISONED, "not poisoned");
        }

        private void failQueueForce() {
            QueueId queue = queues.get(parts.nextInt(queues.size()));
            ConsumeQueue index = kit.store.queues().find(queue);
            if (poisoned || index == null || index.fileOf(index.minOffset()) == null) return;
            story.add("fail force of queue");
            kit.disk.failNextForce(
                    Objects.requireNonNull(index.fileOf(index.minOffset())).path());
            queueForceFails = true;
        }

        private void clockStep() {
            if (random.nextInt(10) == 0) kit.clock.stepWall(Duration.ofMinutes(random.nextInt(-10, 10)));
        }

        private void kill(boolean power) {
            inFlight.clear();
            reopenAfter(power);
        }

        private void reopenAfter(boolean power) {
            story.add(power ? "power cut" : "kill");
            if (!power && tearable && random.nextBoolean()) kit.disk.tearLastWrite(random);
            tearable = false;
            kit.disk = power ? kit.disk.powerCut(random) : kit.disk.crashProcess();
            kit.disk.fillUp(1 << 24);
            boolean lossy = power;
            boolean opened = false;
            // Recovery itself may be killed, any number of times.
            while (!opened) {
                boolean again = random.nextInt(4) == 0;
                if (again) kit.disk.crashAtStep(1 + random.nextInt(40));
                try {
                    open();
                    opened = true;
                    if (again) kit.disk.crashAtStep(Long.MAX_VALUE / 2);
                } catch (SimCrash e) {
                    boolean powerAgain = random.nextBoolean();
                    lossy |= powerAgain;
                    story.add(powerAgain ? "power cut in recovery" : "kill in recovery");
                    kit.disk = powerAgain ? kit.disk.powerCut(random) : kit.disk.crashProcess();
                }
            }
            check(lossy);
        }

        private void open() {
            try {
                kit.open();
            } catch (StoreException e) {
                that(e.kind() == Kind.DISK_FULL || e.kind() == Kind.POISONED, "not opened: " + e);
                story.add("open again after " + e.kind());
                // A poisoned file stays so for its process.
                if (e.kind() == Kind.POISONED) kit.disk = kit.disk.crashProcess();
                kit.disk.fillUp(1 << 24);
                kit.open();
            }
            poisoned = false;
            queueForceFails = false;
        }

        /** Compares a store just opened with the model, and takes over what a crash decided. */
        private void check(boolean lossy) {
            long end = kit.store.watermarks().appended();
            that(end >= flushed, "end " + end + " below flushed " + flushed);
            that(kit.store.watermarks().dispatched() == end, "not derived to the end");
            List<Entry> gone =
                    appended.stream().filter(entry -> entry.end > end).toList();
            that(gone.isEmpty() || lossy, "lost without a power cut: " + gone);
            for (Entry entry : gone) {
                that(!sync || !shown(entry.queue).containsKey(entry.offset), "lost though shown: " + entry);
                shown(entry.queue).remove(entry.offset);
            }
            appended.removeAll(gone);
            int inFlightFound = 0;
            for (QueueId queue : queues) inFlightFound += checkQueue(queue, lossy);
            that(
                    lossy || inFlightFound == 0 || inFlightFound == inFlight.size(),
                    inFlightFound + " of " + inFlight.size() + " records of one append are there");
            for (int i = 0; i < inFlight.size(); i++) {
                Entry entry = inFlight.get(i);
                boolean there = entry.offset < next.getOrDefault(entry.queue, 0L);
                that(there == (i < inFlightFound), "a later record of one append is there without " + entry);
            }
            inFlight.clear();
            flushed = end;
        }

        /** Returns how many records of the append that was under way are in the queue. */
        private int checkQueue(QueueId queue, boolean lossy) {
            long expected = 0;
            for (Entry entry : appended) {
                if (entry.queue.equals(queue)) expected = entry.offset + 1;
            }
            ConsumeQueue index = kit.store.queues().find(queue);
            long max = index == null ? 0 : index.maxOffset();
            List<Entry> pending =
                    inFlight.stream().filter(e -> e.queue.equals(queue)).toList();
            long surplus = max - expected;
            that(surplus >= 0, queue + " ends at " + max + " instead of " + expected);
            that(
                    surplus == 0 || (lossy ? surplus <= pending.size() : surplus == pending.size()),
                    queue + " has " + surplus + " too many");
            for (int i = 0; i < surplus; i++) {
                Entry entry = pending.get(i);
                String body = kit.body(queue, entry.offset);
                that(body.equals(entry.body), "unknown message " + body);
                long position = kit.index(queue).position(entry.offset);
                appended.add(new Entry(
                        queue, entry.offset, body, position + kit.store.view().sizeBytes(position)));
            }
            next.put(queue, max);
            look(queue);
            return (int) surplus;
        }

        private void look() {
            QueueId queue = queues.get(random.nextInt(queues.size()));
            if (kit.store.queues().find(queue) != null) look(queue);
            Watermarks marks = kit.store.watermarks();
            that(marks.flushed() <= marks.appended(), "flushed beyond appended");
            that(marks.dispatched() <= marks.confirmed(), "dispatched beyond confirmed");
        }

        /** Reads a queue as a consumer would, and compares every message with what was appended and shown. */
        private void look(QueueId queue) {
            ConsumeQueue index = kit.store.queues().find(queue);
            if (index == null) return;
            long min = index.minOffset();
            that(min >= smallest.getOrDefault(queue, 0L), queue + " starts before its former start");
            smallest.put(queue, min);
            Map<Long, String> known = new HashMap<>();
            for (Entry entry : appended) {
                if (entry.queue.equals(queue)) known.put(entry.offset, entry.body);
            }
            for (long offset = min; offset < index.maxOffset(); offset++) {
                String body = kit.body(queue, offset);
                that(
                        body.equals(known.get(offset)),
                        queue + "@" + offset + " is " + body + ", not " + known.get(offset));
                String before = shown(queue).put(offset, body);
                that(before == null || before.equals(body), queue + "@" + offset + " showed another message before");
            }
        }

        private Map<Long, String> shown(QueueId queue) {
            return shown.computeIfAbsent(queue, none -> new HashMap<>());
        }

        private static void that(boolean holds, String otherwise) {
            if (!holds) throw new AssertionError(otherwise);
        }
    }
}
