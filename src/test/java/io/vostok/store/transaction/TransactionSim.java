package io.vostok.store.transaction;

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
 * Random histories of transactional messages on virtual time: half messages, commits, rollbacks, checks, kills, power cuts,
 * clock steps, progress that is stored at any moment. Each transaction has one outcome, which its producer may tell at any
 * time and any number of times, or never. At the end time passes until nothing is pending. Then:
 *
 * <ul>
 *   <li>what was committed was delivered, once unless the power was cut; nothing else was, not even for a moment;
 *   <li>what nobody decided was given up, visibly, after as many checks as there should be;
 *   <li>only a half message that was not flushed, and then only a power cut, may be missing.
 * </ul>
 *
 * <p>{@code -Dsim.seed=N} repeats one history; {@code -Dsim.rounds=N} sets how many are tried.
 */
class TransactionSim {
    private static final int STEPS = 60;

    @Test
    void keepsItsPromises() {
        Seeds.run(TransactionSim.class, 800, seed -> new History(seed).run());
    }

    private enum Outcome {
        COMMIT,
        ROLLBACK,
        NEVER_KNOWN
    }

    /** A transaction; its half message may be lost when {@code end} was not flushed at a power cut. */
    private record Transaction(String id, Outcome outcome, long bornNanos, long end) {}

    /** A decision that the log has taken, its answer still on the way. */
    private record Decided(Half half, String id, Stored stored) {}

    private static final class History {
        private final Random random;
        private final HalfKit kit;
        private final Map<String, Transaction> transactions = new HashMap<>();
        private final Set<String> mayBeLost = new HashSet<>();
        private final Set<String> told = new HashSet<>();
        /** Answered by the log, so that the producer may rely on it. */
        private final Set<String> acknowledged = new HashSet<>();

        private final Map<String, Integer> checksInThisLife = new HashMap<>();
        private final Map<String, Long> lastCheckNanos = new HashMap<>();
        private final Set<String> olderThanThisLife = new HashSet<>();
        private final List<Decided> underWay = new ArrayList<>();
        private final List<String> story = new ArrayList<>();
        private boolean powerCut;
        private int ids;

        History(long seed) {
            random = Seeds.random(seed);
            kit = new HalfKit(random.nextBoolean());
        }

        void run() {
            try {
                for (int i = 0; i < STEPS; i++) {
                    step();
                    look();
                }
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
                restart(random.nextInt(2));
                return;
            }
            if (crashing) kit.disk.crashAtStep(Long.MAX_VALUE / 2);
        }

        private void act() {
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3 -> prepare();
                case 4, 5, 6, 7 -> tell();
                case 8, 9, 10 -> answer();
                case 11, 12 -> {
                    int millis = random.nextInt(50_000);
                    story.add("advance " + millis);
                    kit.clock.advance(Duration.ofMillis(millis));
                }
                case 13, 14 -> ask();
                case 15 -> {
                    story.add("save");
                    kit.save();
                    if (random.nextBoolean()) {
                        kit.offsets.force();
                        // What was noted must not be ahead of what is durable.
                        if (random.nextBoolean()) restart(1);
                    }
                }
                case 16 -> {
                    story.add("flush");
                    kit.store.flusher().flush();
                    if (random.nextBoolean()) kit.store.flusher().checkpoint();
                }
                case 17 -> {
                    kit.dispatch();
                    kit.catchUp();
                }
                case 18 -> {
                    int seconds = random.nextInt(4_000) - 2_000;
                    story.add("clock " + seconds);
                    kit.clock.stepWall(Duration.ofSeconds(seconds));
                }
                default -> restart(random.nextInt(3));
            }
        }

        private void prepare() {
            String id = "t" + ids++;
            story.add("prepare " + id);
            Outcome outcome = List.of(Outcome.COMMIT, Outcome.ROLLBACK, Outcome.NEVER_KNOWN)
                    .get(random.nextInt(3));
            // Before the store says so: a crash may keep it or not.
            transactions.put(id, new Transaction(id, outcome, kit.clock.monotonicNanos(), Long.MAX_VALUE));
            mayBeLost.add(id);
            Stored stored = kit.prepare(id, "");
            mayBeLost.remove(id);
            transactions.put(id, new Transaction(id, outcome, kit.clock.monotonicNanos(), stored.endPosition()));
            if (random.nextInt(4) > 0) kit.catchUp();
        }

        /** The producer says how one ended, perhaps again. */
        private void tell() {
            if (kit.halves.end() == 0) return;
            long offset = random.nextInt((int) kit.halves.end());
            @Nullable Half half = kit.halves.find(offset);
            if (half == null || isUnderWay(half)) return; // decided: nothing happens
            decide(half, kit.body(half.position()));
        }

        private void decide(Half half, String id) {
            Outcome outcome = transaction(id).outcome();
            if (outcome == Outcome.NEVER_KNOWN) return;
            if (random.nextInt(8) == 0) {
                story.add("refused " + id);
                kit.halves.begin(half);
                kit.halves.failed(half, kit.clock.monotonicNanos());
                return;
            }
            story.add(outcome + " " + id);
            told.add(id);
            underWay.add(new Decided(half, id, kit.decide(half, outcome == Outcome.COMMIT ? HalfKit.TARGET : null)));
        }

        private boolean isUnderWay(Half half) {
            return underWay.stream().anyMatch(each -> each.half().offset() == half.offset());
        }

        private void answer() {
            if (underWay.isEmpty()) return;
            Decided decided = underWay.remove(random.nextInt(underWay.size()));
            story.add("answered " + decided.id());
            kit.halves.done(decided.half(), decided.stored().endPosition());
            acknowledged.add(decided.id());
        }

        /** What the broker does when something is due. */
        private void ask() {
            @Nullable Half half = kit.nextDue();
            if (half == null) {
                if (kit.halves.sleepMillis(kit.clock.monotonicNanos()) == 0) {
                    throw new AssertionError("says that something is due and gives nothing");
                }
                return;
            }
            String id = kit.body(half.position());
            if (half.exhausted()) {
                giveUp(half, id);
                return;
            }
            story.add("check " + id + " nr " + half.checks());
            checkSchedule(id, half);
            // In half of the cases nobody hears it.
            if (random.nextBoolean()) decide(half, id);
        }

        private void checkSchedule(String id, Half half) {
            long now = kit.clock.monotonicNanos();
            @Nullable Long before = lastCheckNanos.put(id, now);
            long waited = now - (before == null ? transaction(id).bornNanos() : before);
            long wanted = before == null ? 6_000 : 30_000;
            if (waited < wanted * 1_000_000) throw new AssertionError("asked too early: " + half);
            int count = checksInThisLife.merge(id, 1, Integer::sum);
            if (half.checks() < count) throw new AssertionError("counted wrongly: " + half + " asked " + count);
            if (!olderThanThisLife.contains(id) && half.checks() != count) {
                throw new AssertionError("counted wrongly: " + half + " asked " + count);
            }
        }

        private void giveUp(Half half, String id) {
            story.add("give up " + id);
            int asked = checksInThisLife.getOrDefault(id, 0);
            int least = olderThanThisLife.contains(id) ? CheckSchedule.LEFT_AFTER_RESTART : 15;
            if (asked < least) throw new AssertionError("given up after " + asked + " checks: " + half);
            underWay.add(new Decided(half, id, kit.decide(half, HalfMessages.GIVEN_UP)));
        }

        private Transaction transaction(String id) {
            @Nullable Transaction known = transactions.get(id);
            if (known == null) throw new AssertionError("unknown transaction " + id);
            return known;
        }

        /** @param how 0 killed, 1 power cut, 2 stopped in order */
        private void restart(int how) {
            story.add(List.of("kill", "power cut", "stop").get(how));
            if (how == 2) {
                while (!underWay.isEmpty()) answer();
                kit.close();
            } else if (how == 1) {
                powerCut = true;
                long flushed = kit.store.watermarks().flushed();
                transactions.values().stream()
                        .filter(each -> each.end() > flushed)
                        .forEach(each -> mayBeLost.add(each.id()));
                kit.disk = kit.disk.powerCut(new SplittableRandom(random.nextLong()));
            } else {
                kit.disk = kit.disk.crashProcess();
            }
            underWay.clear();
            kit.open();
            checksInThisLife.clear();
            lastCheckNanos.clear();
            olderThanThisLife.addAll(transactions.keySet());
        }

        /** Nothing is visible that was not committed. */
        private void look() {
            for (String id : kit.bodies(HalfKit.TARGET)) {
                if (transaction(id).outcome() != Outcome.COMMIT || !told.contains(id)) {
                    throw new AssertionError("visible without a commit: " + id);
                }
            }
        }

        /** Lets time pass, waking only when asked to, until nothing is pending. */
        private void finish() {
            kit.dispatch();
            kit.catchUp();
            for (int i = 0; i < 10_000; i++) {
                while (!underWay.isEmpty()) answer();
                long sleep = kit.halves.sleepMillis(kit.clock.monotonicNanos());
                if (sleep == HalfMessages.NEVER) {
                    if (kit.halves.size() > 0) throw new AssertionError("pending and never due");
                    return;
                }
                kit.clock.advance(Duration.ofMillis(sleep));
                ask();
            }
            throw new AssertionError("never done");
        }

        private void check() {
            if (kit.sync) kit.store.flusher().flush();
            look();
            List<String> delivered = kit.bodies(HalfKit.TARGET);
            List<String> givenUp = kit.bodies(HalfMessages.GIVEN_UP);
            for (Transaction each : transactions.values()) {
                long times = delivered.stream().filter(each.id()::equals).count();
                long letters = givenUp.stream().filter(each.id()::equals).count();
                boolean lost = mayBeLost.contains(each.id());
                String what = each + " delivered " + times + " given up " + letters;
                if (!powerCut && times + letters > 1) throw new AssertionError("more than once: " + what);
                if (kit.sync && times > 1) throw new AssertionError("twice with synchronous flush: " + what);
                if (acknowledged.contains(each.id()) && !lost && told.contains(each.id())) {
                    if (each.outcome() == Outcome.COMMIT && times + letters == 0)
                        throw new AssertionError("lost: " + what);
                    if (each.outcome() == Outcome.ROLLBACK && times > 0) throw new AssertionError("shown: " + what);
                }
                if (!told.contains(each.id()) && !lost && letters == 0) {
                    throw new AssertionError("neither decided nor given up: " + what);
                }
            }
        }
    }
}
