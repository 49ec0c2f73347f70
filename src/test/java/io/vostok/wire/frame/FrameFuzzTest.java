package io.vostok.wire.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.wire.Allocation;
import io.vostok.wire.HexDump;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Broken headers end in ProtocolException and nothing else, and cost little memory. Repeat with {@code -Dfuzz.seed}, search with
 * {@code -Dfuzz.rounds}.
 */
final class FrameFuzzTest {
    private static final int ROUNDS = Integer.getInteger("fuzz.rounds", 120_000);
    /** For a header of a few hundred bytes; the reader itself is reused. */
    private static final long MOST_ALLOCATED = 32 << 10;

    private static final long SEED = Long.getLong("fuzz.seed", 20261121L);

    @Test
    void onlyProtocolExceptionEscapes() {
        List<byte[]> frames = List.of(
                HexDump.read("request-json"),
                HexDump.read("send-v2-json"),
                HexDump.read("response-json"),
                HexDump.read("request-binary"),
                HexDump.read("response-binary"));
        SplittableRandom random = new SplittableRandom(SEED);
        CommandReader reader = new CommandReader(new FrameLimits(1 << 16, 1 << 12, 16));
        int read = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] header = header(frames.get(random.nextInt(frames.size())), random);
            int type = random.nextInt(20) == 0 ? random.nextInt(256) : random.nextInt(2);
            long before = Allocation.soFar();
            try {
                use(reader.read(type, ByteBuffer.wrap(header)));
                read++;
            } catch (ProtocolException e) {
                // the one way out
            } catch (RuntimeException e) {
                throw new AssertionError("-Dfuzz.seed=" + SEED + " round " + round, e);
            }
            long allocated = Allocation.soFar() - before;
            // The first rounds load classes.
            if (round > 1_000 && allocated > MOST_ALLOCATED)
                throw new AssertionError("-Dfuzz.seed=" + SEED + " round " + round + " allocated " + allocated);
        }
        assertThat(read).as("some mutants must still be readable").isPositive().isLessThan(ROUNDS);
    }

    private static byte[] header(byte[] frame, SplittableRandom random) {
        if (random.nextInt(10) == 0) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            return noise;
        }
        byte[] header = Arrays.copyOfRange(frame, 8, frame.length);
        for (int i = random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(header.length);
            switch (random.nextInt(4)) {
                case 0 -> header[at] = (byte) random.nextInt(256);
                case 1 -> header[at] = (byte) "{}[]\",:\\u0-".charAt(random.nextInt(11));
                case 2 -> header = Arrays.copyOf(header, Math.max(1, at));
                default -> System.arraycopy(header, at / 2, header, at, Math.min(header.length - at, at - at / 2));
            }
        }
        return header;
    }

    private static void use(Command command) {
        command.remark();
        command.call();
        int[] seen = {0};
        command.fields().forEach((key, value) -> seen[0]++);
        assertThat(seen[0]).isEqualTo(command.fields().count());
        for (String key : List.of("topic", "i", "offset", "found", "e")) {
            int bound = command.fields().utf8Bound(key);
            if (bound >= 0)
                assertThat(command.fields().copyUtf8(key, new byte[bound], 0)).isLessThanOrEqualTo(bound);
            try {
                command.fields().longOr(key, 0);
                command.fields().intOr(key, 0);
                command.fields().flagOr(key, false);
            } catch (BadFieldException e) {
                assertThat(e.getMessage()).hasSizeLessThan(300);
            }
        }
    }
}
