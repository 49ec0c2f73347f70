package io.vostok.front.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {
    @Test
    void readsBackWhatItWrote() {
        long[] offsets = {0, 35, 36, Long.MAX_VALUE};

        assertThat(Cursor.read(Cursor.write(offsets), 4)).isEqualTo(offsets);
    }

    @Test
    void marksQueuesThatCameLater() {
        assertThat(Cursor.read("a.1", 4)).isEqualTo(new long[] {10, 1, -1, -1});
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1.", "-1", "1.2.3", "1.x y", "zzzzzzzzzzzzzzzz"})
    void takesNothingElse(String text) {
        assertThat(Cursor.read(text, 2)).isNull();
    }
}
