package io.vostok.wire.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecentTextsTest {
    private final RecentTexts texts = new RecentTexts();

    @Test
    void givesTheSameObjectForTheSameBytesAgain() {
        byte[] bytes = "..orders..".getBytes(StandardCharsets.UTF_8);

        String first = texts.of(bytes, 2, 8);
        bytes = "orders".getBytes(StandardCharsets.UTF_8);

        assertThat(first).isEqualTo("orders");
        assertThat(texts.of(bytes, 0, 6)).isSameAs(first);
    }

    @Test
    void givesWhatTheBytesSayWhateverCameBefore() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(6) == 0 ? random.nextInt(300) : random.nextInt(4)];
            for (int at = 0; at < bytes.length; at++)
                bytes[at] = (byte) (random.nextInt(4) + (i % 2 == 0 ? 'a' : 0xC2));
            int from = random.nextInt(bytes.length + 1);

            assertThat(texts.of(bytes, from, bytes.length))
                    .isEqualTo(new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8));
        }
    }
}
