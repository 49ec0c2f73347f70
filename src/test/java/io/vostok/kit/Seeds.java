package io.vostok.kit;

import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/**
 * Runs the histories of a simulation, one for each seed. {@code -Dsim.seed=N} repeats one; {@code -Dsim.rounds=N} sets how many
 * are tried, and {@code -Dsim.first=N} where they begin.
 */
public final class Seeds {
    private Seeds() {}

    /**
     * Returns the chance of one history. {@code new Random(seed)} will not do: its first boolean is the same for all small seeds,
     * so that no history would be of a store without synchronous flush.
     */
    public static Random random(long seed) {
        return new Random(new SplittableRandom(seed).nextLong());
    }

    /**
     * Runs histories until one fails.
     *
     * @param sim whose name is in the command that repeats a failure
     * @param rounds without a property that says otherwise
     */
    public static void run(Class<?> sim, int rounds, LongConsumer history) {
        Long only = Long.getLong("sim.seed");
        long first = only != null ? only : Long.getLong("sim.first", 1);
        long end = only != null ? only + 1 : first + Integer.getInteger("sim.rounds", rounds);
        for (long seed = first; seed < end; seed++) {
            try {
                history.accept(seed);
            } catch (RuntimeException | Error e) {
                throw new AssertionError(
                        "repeat with: mvn -q test -Dtest=" + sim.getSimpleName() + " -Dsim.seed=" + seed, e);
            }
        }
    }
}
