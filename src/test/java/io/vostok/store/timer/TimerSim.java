package io.vostok.store.timer;

import io.vostok.kit.Seeds;
import io.vostok.store.Stored;
import io.vostok.store.file.SimCrash;
import io.vostok.wire.record.RecordView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random histories of messages with a time of their own, on virtual time: stored for soon and for days ahead, recalled,
 * delivered with answers late or failed, some before their time, stored again because the log deletes its old end, saved, flushed, killed in any
 * moment, power cut, index damaged, wall clock set. Never early, never lost, never after an answered recall, twice only
 * after a crash, the earliest first.
 *
 * <p>{@code -Dsim.seed=N} repeats one history; {@code -Dsim.rounds=N} sets how many are tried.
 */
class TimerSim {
    private static final int STEPS = 90;

    @Test
    void keepsItsPromises() {
        Seeds.run(TimerSim.class, 1000, seed -> new History(seed).run());
    }

    /** A stored message. */
    private record Parked(String id, long dueMillis, long end) {}

    /** A copy that the log has taken, its answer still on the way. */
    private record Copied(TimerDue due, Stored stored) {}

    private static final class History {
        private final Random random;
        private final TimerKit kit;
        private final Map<String, Parked> parked = new HashMap<>();
        private final Set<String> mayBeLost = new HashSet<>();
        /** Recalled with an answer, long enough before their time. */
        private final Set<String> recalled = new HashSet<>();

        private final Set<String> recallTried = new HashSet<>();
        private final Map<String, Long> recallEnds = new HashMap<>();
        private final Set<String> handedOut = new HashSet<>();
        /** Handed out in this life. */
        private final Set<String> wasDue = new HashSet<>();

        private final List<String> delivered = new ArrayList<>();
        private final List<Copied> copied = new ArrayList<>();
        private final List<String> story = new ArrayList<>();
        private boolean crashed;
        private @Nullable String parking;
        private int ids;

        History(long seed) {
            random = Seeds.random(seed);
            kit = new TimerKit(random.nextBoolean());
            kit.mostUnderWay = 1 + random.nextInt(5);
            kit.close();
            kit.open();
        }

        void run() {
            try {
                for (int i = 0; i < STEPS; i++) step();
                if (random.nextBoolean()) restart(random.nextInt(4));
                finish();
                check();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "sync=" + kit.sync + " story=" + story + " lines=" + String.join("\n", kit.lines), e);
            }
        }

        private void step() {
            boolean crashing = random.nextInt(12) == 0;
            if (crashing) kit.disk.crashAtStep(1 + random.nextInt(30));
            try {
                act();
            } catch (SimCrash e) {
                story.add("crash");
                if (parking != null) mayBeLost.add(parking);
                parking = null;
                restart(random.nextInt(2));
                return;
            }
            if (crashing) kit.disk.crashAtStep(Long.MAX_VALUE / 2);
        }

        private void act() {
            switch (random.nextInt(28)) {
                case 0, 1, 2, 3, 4 -> park();
                case 5, 6, 7 -> handOut();
                case 8, 9, 10, 11 -> answer();
                case 12, 13, 14 -> {
                    long millis = (long) Math.pow(10, random.nextDouble() * 8);
                    story.add("advance " + millis);
                    kit.clock.advance(Duration.ofMillis(millis));
                }
                case 15, 16, 17 -> {
                    story.add("save");
                    kit.save();
                }
                case 18, 19 -> {
                    story.add("flush");
                    kit.store.flusher().flush();
                    if (random.nextBoolean()) kit.store.flusher().checkpoint();
                }
                case 20 -> setClock();
                case 21, 22 -> recall();
                case 23, 24 -> clean();
                case 25, 26 -> deliverEarly();
                default -> restart(random.nextInt(4));
            }
        }

        private void park() {
            String id = "m" + ids++;
            long ahead = (long) Math.pow(10, random.nextDouble() * 8.5) - 2;
            long due = kit.clock.wallMillis() + ahead;
            story.add("park " + id + " for " + due);
            parking = id;
            String padding =
                    random.nextInt(3) == 0 ? "PAD\u0001" + "x".repeat(random.nextInt(3_000) + 1) + "\u0002" : "";
            Stored stored = kit.park(due, id, padding);
            parking = null;
            parked.put(id, new Parked(id, due, stored.endPosition()));
            if (random.nextInt(4) > 0) kit.work();
        }

        private void recall() {
            if (parked.isEmpty()) return;
            List<String> all = new ArrayList<>(parked.keySet());
            all.sort(null);
            String id = all.get(random.nextInt(all.size()));
            Parked message = Objects.requireNonNull(parked.get(id));
            if (message.dueMillis() <= kit.clock.wallMillis() || handedOut.contains(id)) return;
            story.add("recall " + id);
            recallTried.add(id);
            Stored stored = kit.recall(message.dueMillis(), id);
            kit.work();
            recalled.add(id);
            recallEnds.put(id, stored.endPosition());
        }

        private void handOut() {
            kit.work();
            boolean roll = random.nextInt(3) == 0;
            @Nullable TimerDue due = roll ? kit.timers.takeRoll() : kit.take();
            if (due == null) {
                if (!roll && kit.sleepMillis() == 0) {
                    throw new AssertionError("says that something is due and gives nothing");
                }
                return;
            }
            hand(due);
        }

        /** As an operator wants it, who is not told of what was recalled. */
        private void deliverEarly() {
            kit.work();
            List<PendingTimers.Each> waiting = kit.timers.pending(0, 0, 1_000).entries().stream()
                    .filter(each -> !each.recall())
                    .toList();
            if (waiting.isEmpty()) return;
            PendingTimers.Each chosen = waiting.get(random.nextInt(waiting.size()));
            RecordView record = kit.record(chosen.position(), chosen.sizeBytes());
            if (record == null || recallTried.contains(String.valueOf(record.property("UNIQ_KEY")))) return;
            @Nullable TimerDue due = kit.timers.takeEarly(chosen);
            if (due == null) return;
            if (kit.timers.find(chosen.entry(), chosen.offset(), chosen.position()) != null) {
                throw new AssertionError("waits although it is delivered: " + chosen);
            }
            handedOut.add(kit.body(due));
            hand(due);
        }

        private void hand(TimerDue due) {
            String id = kit.body(due);
            story.add(due.kind() + " " + id);
            @Nullable Parked message = parked.get(id);
            if (message != null && due.kind() == TimerDue.Kind.DELIVER) {
                boolean again = !wasDue.add(id); // A failed one comes again, whatever the clock was set to since.
                if (!again && kit.clock.wallMillis() < message.dueMillis()) {
                    throw new AssertionError("early: " + message);
                }
                if (handedOut.add(id)) checkFirst(message);
            }
            if (random.nextInt(6) == 0 && due.kind() != TimerDue.Kind.RECALL) {
                story.add("failed " + id);
                kit.timers.failed(due, kit.clock.monotonicNanos());
                return;
            }
            @Nullable Stored stored = kit.deliver(due);
            if (stored == null) return;
            if (due.kind() == TimerDue.Kind.DELIVER || due.kind() == TimerDue.Kind.EARLY) delivered.add(id);
            if (kit.sync) kit.store.flusher().flush();
            kit.dispatch();
            copied.add(new Copied(due, stored));
        }

        private void checkFirst(Parked message) {
            for (Parked other : parked.values()) {
                boolean waits = !handedOut.contains(other.id())
                        && !mayBeLost.contains(other.id())
                        && !recallTried.contains(other.id());
                if (waits && other.dueMillis() < message.dueMillis()) {
                    throw new AssertionError(message + " was handed out before " + other);
                }
            }
        }

        private void answer() {
            if (copied.isEmpty()) return;
            Copied done = copied.remove(random.nextInt(copied.size()));
            story.add("answered " + done.due().offset());
            kit.timers.delivered(done.due(), done.stored().endPosition());
        }

        private void setClock() {
            int seconds = random.nextInt(8_000) - 4_000;
            story.add("clock " + seconds);
            kit.clock.stepWall(Duration.ofSeconds(seconds));
        }

        private void clean() {
            story.add("clean");
            kit.store.flusher().flush();
            kit.store.flusher().checkpoint();
            kit.store.housekeeping().clean(kit.clock.wallMillis(), kit.timers);
            kit.work();
        }

        /** @param how 0 killed, 1 power cut, 2 stopped in order, 3 killed and the index lost or damaged */
        private void restart(int how) {
            story.add(List.of("kill", "power cut", "stop", "damage").get(how));
            if (how == 2) {
                while (!copied.isEmpty()) answer();
                kit.close();
            } else {
                crashed = true;
                copied.clear();
                if (how == 1) {
                    long flushed = kit.store.watermarks().flushed();
                    parked.values().stream()
                            .filter(each -> each.end() > flushed)
                            .forEach(each -> mayBeLost.add(each.id()));
                    recallEnds.forEach((id, end) -> {
                        if (end > flushed) recalled.remove(id);
                    });
                    kit.disk = kit.disk.powerCut(new SplittableRandom(random.nextLong()));
                } else {
                    kit.disk = kit.disk.crashProcess();
                }
                if (how == 3) damage();
            }
            kit.open();
            wasDue.clear();
            handedOut.addAll(parked.keySet()); // Order is looked at within one life only.
        }

        private void damage() {
            List<String> files = kit.disk.files(TimerBlocks.FOLDER);
            if (files.isEmpty()) return;
            String path = TimerBlocks.FOLDER + "/" + files.get(random.nextInt(files.size()));
            switch (random.nextInt(3)) {
                case 0 -> kit.disk.delete(path);
                case 1 -> kit.disk.flipBit(path, random.nextInt(8 * 8192));
                default -> kit.disk.delete(TimerMarks.PATH);
            }
        }

        /** Lets time pass, waking only when asked to, until nothing waits. */
        private void finish() {
            for (int i = 0; i < 200_000; i++) {
                kit.work();
                while (!copied.isEmpty()) answer();
                @Nullable TimerDue due = kit.take();
                if (due == null) due = kit.timers.takeRoll();
                if (due != null) {
                    hand(due);
                    continue;
                }
                long sleep = kit.sleepMillis();
                if (sleep == Long.MAX_VALUE) {
                    finishSaving();
                    return;
                }
                if (sleep == 0) throw new AssertionError("something is due and is not handed out");
                // In five seconds nothing changes but the time: many sleeps at once.
                kit.clock.advance(Duration.ofMillis(sleep < 5_000 ? sleep : skip()));
            }
            throw new AssertionError("never done");
        }

        private long skip() {
            long now = kit.clock.wallMillis();
            long next = parked.values().stream()
                    .mapToLong(Parked::dueMillis)
                    .filter(each -> each > now)
                    .min()
                    .orElse(now + 60_000);
            return Math.max(5_000, next - now - 300_000);
        }

        private void finishSaving() {
            for (int i = 0; i < 4; i++) kit.saveAll();
            if (kit.timers.pending() > 0) throw new AssertionError(kit.timers.pending() + " never done");
        }

        private void check() {
            for (String id : parked.keySet()) {
                long times = delivered.stream().filter(id::equals).count();
                if (recalled.contains(id)) {
                    if (times > 0) throw new AssertionError("delivered though recalled: " + parked.get(id));
                    continue;
                }
                if (times == 0 && !mayBeLost.contains(id) && !recallTried.contains(id)) {
                    throw new AssertionError("lost: " + parked.get(id));
                }
                if (times > 1 && !crashed) throw new AssertionError("twice without a crash: " + parked.get(id));
            }
        }
    }
}
