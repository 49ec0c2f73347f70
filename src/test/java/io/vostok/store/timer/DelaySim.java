package io.vostok.store.timer;

import io.vostok.kit.Seeds;
import io.vostok.store.Stored;
import io.vostok.store.file.SimCrash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random histories of delayed messages on virtual time: parked, delivered with answers late or failed, saved, flushed,
 * killed in any moment, power cut, wall clock set. Never early, never lost, twice only after a crash, earliest first.
 *
 * <p>{@code -Dsim.seed=N} repeats one history; {@code -Dsim.rounds=N} sets how many are tried.
 */
class DelaySim {
    private static final int STEPS = 60;

    @Test
    void keepsItsPromises() {
        Seeds.run(DelaySim.class, 1500, seed -> new History(seed).run());
    }

    /** A parked message. */
    private record Parked(String id, int level, long dueMillis, long bornNanos, long end) {}

    /** A copy that the log has taken, its answer still on the way. */
    private record Copied(Due due, Stored stored) {}

    private static final class History {
        private final Random random;
        private final DelayKit kit;
        private final Map<String, Parked> parked = new HashMap<>();
        private final Set<String> mayBeLost = new HashSet<>();
        private final Set<String> handedOut = new HashSet<>();
        /** Handed out in this life. */
        private final Set<String> wereDue = new HashSet<>();

        private final List<Copied> copied = new ArrayList<>();
        private final List<String> story = new ArrayList<>();
        private boolean crashed;
        private boolean setBack;
        private @Nullable String parking;
        private int ids;

        History(long seed) {
            random = Seeds.random(seed);
            kit = new DelayKit(random.nextBoolean());
            kit.mostUnderWay = 1 + random.nextInt(5);
        }

        void run() {
            try {
                for (int i = 0; i < STEPS; i++) step();
                if (random.nextBoolean()) restart(random.nextInt(3));
                finish();
                check();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "sync=" + kit.sync + " story=" + story + " lines=" + String.join("\n", kit.lines), e);
            }
        }

        private void step() {
            boolean crashing = random.nextInt(12) == 0;
            if (crashing) kit.disk.crashAtStep(1 + random.nextInt(20));
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
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3 -> park();
                case 4, 5, 6 -> handOut();
                case 7, 8, 15, 16 -> answer();
                case 9, 10, 11 -> {
                    int millis = random.nextInt(4_000);
                    story.add("advance " + millis);
                    kit.clock.advance(Duration.ofMillis(millis));
                }
                case 12, 17, 18 -> {
                    story.add("save");
                    kit.save();
                    // What was saved must not vouch for copies that a power cut takes now.
                    if (random.nextInt(6) == 0) restart(1);
                }
                case 13 -> {
                    story.add("flush");
                    kit.store.flusher().flush();
                    if (random.nextBoolean()) kit.store.flusher().checkpoint();
                }
                case 14 -> setClock();
                default -> {
                    restart(random.nextInt(3));
                }
            }
        }

        private void park() {
            String id = "m" + ids++;
            int level = 1 + random.nextInt(DelayKit.DELAYS.length);
            story.add("park " + id + " on " + level);
            parking = id;
            Stored stored = kit.park(level, id);
            parking = null;
            long due = stored.storeMillis() + DelayKit.DELAYS[level - 1];
            parked.put(id, new Parked(id, level, due, kit.clock.monotonicNanos(), stored.endPosition()));
        }

        private void handOut() {
            @Nullable Due due = kit.nextOrNull();
            if (due == null) {
                if (kit.sleepMillis() == 0) throw new AssertionError("says that something is due and gives nothing");
                return;
            }
            String id = kit.body(due);
            story.add("due " + id);
            @Nullable Parked message = parked.get(id);
            // What failed may come again though the clock was set back meanwhile.
            if (message != null && wereDue.add(id)) checkNotEarly(message);
            if (message != null && !setBack && handedOut.add(id)) checkFirst(message);
            if (random.nextInt(6) == 0) {
                story.add("failed " + id);
                kit.queues.failed(due, kit.clock.monotonicNanos());
                return;
            }
            Stored stored = kit.deliver(due);
            if (kit.sync) kit.store.flusher().flush();
            copied.add(new Copied(due, stored));
        }

        private void checkNotEarly(Parked message) {
            long waitedNanos = kit.clock.monotonicNanos() - message.bornNanos();
            boolean byWall = kit.clock.wallMillis() >= message.dueMillis();
            boolean byTime = waitedNanos >= DelayKit.DELAYS[message.level() - 1] * 1_000_000;
            if (!byWall && !byTime) throw new AssertionError("early: " + message);
        }

        private void checkFirst(Parked message) {
            for (Parked other : parked.values()) {
                boolean waits = !handedOut.contains(other.id()) && !mayBeLost.contains(other.id());
                if (waits && other.dueMillis() < message.dueMillis()) {
                    throw new AssertionError(message + " was handed out before " + other);
                }
            }
        }

        private void answer() {
            if (copied.isEmpty()) return;
            Copied done = copied.remove(random.nextInt(copied.size()));
            story.add("answered " + done.due().offset() + " of level "
                    + done.due().level());
            kit.queues.delivered(done.due(), done.stored().endPosition());
        }

        private void setClock() {
            if (random.nextInt(3) > 0) return;
            int seconds = random.nextInt(40) - 20;
            story.add("clock " + seconds);
            if (seconds < 0) setBack = true;
            kit.clock.stepWall(Duration.ofSeconds(seconds));
        }

        /** @param how 0 killed, 1 power cut, 2 stopped in order */
        private void restart(int how) {
            story.add(List.of("kill", "power cut", "stop").get(how));
            if (how == 2) {
                while (!copied.isEmpty()) answer();
                kit.close();
                kit.open();
            } else {
                crashed = true;
                copied.clear();
                if (how == 1) {
                    long flushed = kit.store.watermarks().flushed();
                    parked.values().stream()
                            .filter(each -> each.end() > flushed)
                            .forEach(each -> mayBeLost.add(each.id()));
                    kit.disk = kit.disk.powerCut(new SplittableRandom(random.nextLong()));
                } else {
                    kit.disk = kit.disk.crashProcess();
                }
                kit.open();
            }
            wereDue.clear();
            handedOut.addAll(parked.keySet()); // Order is looked at within one life only.
        }

        /** Lets time pass, waking only when asked to, until nothing waits. */
        private void finish() {
            for (int i = 0; i < 10_000; i++) {
                while (!copied.isEmpty()) answer();
                long sleep = kit.sleepMillis();
                if (sleep == Long.MAX_VALUE) return;
                kit.clock.advance(Duration.ofMillis(sleep));
                handOut();
            }
            throw new AssertionError("never done");
        }

        private void check() {
            List<String> delivered = kit.delivered();
            for (String id : parked.keySet()) {
                long times = delivered.stream().filter(id::equals).count();
                if (times == 0 && !mayBeLost.contains(id)) throw new AssertionError("lost: " + parked.get(id));
                if (times > 1 && !crashed) throw new AssertionError("twice without a crash: " + parked.get(id));
            }
        }
    }
}
