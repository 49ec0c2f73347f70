package io.vostok.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteSearchTest {
    /** Bytes near the wanted ones, their twins with a sign bit among them, at every alignment. */
    @Test
    void findsWhatAPlainLoopFinds() {
        Random random = new Random(7);
        byte[] near = {0, 1, 2, 3, '!', '"', '#', '[', '\\', ']', (byte) 0x82, (byte) 0xA2, (byte) 0xDC, -1};
        for (int round = 0; round < 20_000; round++) {
            byte[] text = new byte[random.nextInt(40)];
            for (int i = 0; i < text.length; i++) {
                text[i] = random.nextInt(8) == 0 ? near[random.nextInt(near.length)] : (byte) ('a' + random.nextInt(3));
            }
            int from = random.nextInt(text.length + 1);
            int to = from + random.nextInt(text.length - from + 1);

            assertThat(ByteSearch.first(text, from, to, 2)).isEqualTo(plain(text, from, to, 2, 2));
            assertThat(ByteSearch.first(text, from, to, '"', '\\')).isEqualTo(plain(text, from, to, '"', '\\'));
        }
    }

    private static int plain(byte[] text, int from, int to, int one, int other) {
        int at = from;
        while (at < to && text[at] != one && text[at] != other) at++;
        return at;
    }
}
