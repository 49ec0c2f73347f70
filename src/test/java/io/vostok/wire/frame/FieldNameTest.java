package io.vostok.wire.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldNameTest {
    private static final long[] NUMBERS = {
        0,
        7,
        9,
        10,
        99,
        100,
        -1,
        -10,
        1_234_567,
        999_999_999_999_999_999L,
        1_000_000_000_000_000_000L,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    @ParameterizedTest
    @EnumSource(Encoding.class)
    void writesTheSameAsTheNameAsText(Encoding encoding) {
        FrameBuilder byText = new FrameBuilder().response(encoding, 1, 0);
        FrameBuilder byName = new FrameBuilder().response(encoding, 1, 0);
        for (int i = 0; i < NUMBERS.length; i++) {
            byText.field("n" + i, NUMBERS[i]).field("text" + i, "a\"\u00e9").field("none", (String) null);
            byName.field(new FieldName("n" + i), NUMBERS[i])
                    .field(new FieldName("text" + i), "a\"\u00e9")
                    .field(new FieldName("none"), (String) null);
        }

        assertThat(byName.toFrame(null)).isEqualTo(byText.toFrame(null));
    }

    @ParameterizedTest
    @EnumSource(Encoding.class)
    void numbersAreReadAsTheyWereWritten(Encoding encoding) {
        FrameBuilder builder = new FrameBuilder().response(encoding, 1, 0);
        for (int i = 0; i < NUMBERS.length; i++) builder.field(new FieldName("n" + i), NUMBERS[i]);

        Fields fields = read(builder.toFrame(null));

        for (int i = 0; i < NUMBERS.length; i++) {
            assertThat(fields.text("n" + i)).isEqualTo(Long.toString(NUMBERS[i]));
            assertThat(fields.requireLong("n" + i)).isEqualTo(NUMBERS[i]);
        }
    }

    private static Fields read(byte[] frame) {
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        int typeAndLength = bytes.getInt(4);
        ByteBuffer header = bytes.slice(FrameLimits.PREFIX_BYTES, FrameLimits.headerLength(typeAndLength));
        return new CommandReader(FrameLimits.DEFAULT)
                .read(typeAndLength >>> 24, header)
                .fields();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\"b", "a\\b", "a\u0001", "\u00e9"})
    void refusesNamesThatWouldNeedEscapes(String name) {
        assertThatThrownBy(() -> new FieldName(name)).hasMessageContaining("no plain name");
    }
}
