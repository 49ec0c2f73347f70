package io.vostok.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.wire.HexDump;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MessagePropertiesTest {
    private final PropertiesEditor editor = new PropertiesEditor();

    @Test
    void parsesWithAndWithoutTheLastSeparator() {
        Map<String, String> expected = Map.of("A", "1", "B", "2 3");

        assertThat(parse("A\u00011\u0002B\u00012 3\u0002")).isEqualTo(expected);
        assertThat(parse("A\u00011\u0002B\u00012 3")).isEqualTo(expected);
    }

    @Test
    void skipsMalformedEntriesAndTakesTheLastDuplicate() {
        byte[] text = utf8("\u0002noSeparator\u0002\u0001noKey\u0002noValue\u0001\u0002A\u00011\u0002A\u00012\u0002");

        assertThat(parse(new String(text, StandardCharsets.UTF_8))).isEqualTo(Map.of("A", "2"));
        assertThat(MessageProperties.get(text, 0, text.length, "A")).isEqualTo("2");
        assertThat(MessageProperties.get(ByteBuffer.wrap(text), "noValue")).isNull();
        assertThat(MessageProperties.get(text, 0, text.length, "noSeparator")).isNull();
    }

    @Test
    void writesAsFiveXDoes() {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("TAGS", "TagA");
        properties.put("KEYS", "k1 k2");

        assertThat(MessageProperties.write(properties)).isEqualTo(HexDump.read("properties"));
        assertThatThrownBy(() -> MessageProperties.write(Map.of("a", "b\u0002")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void codesTagsAsJavaDoes() {
        assertThat(MessageProperties.tagsCode("TagA")).isEqualTo(2598919);
        assertThat(MessageProperties.tagsCode(null)).isZero();
    }

    @Test
    void editsInPlace() {
        byte[] text = utf8("DELAY\u00013\u0002A\u00011\u0002DELAY\u00014");
        editor.load(text, 0, text.length);

        assertThat(editor.get("DELAY")).isEqualTo("4");
        editor.remove("DELAY").put("A", "\u20ac").put("N", -7);
        assertThat(editor.contains("DELAY")).isFalse();
        assertThat(editor.toBytes()).isEqualTo(utf8("A\u0001\u20ac\u0002N\u0001-7\u0002"));
        ByteBuffer target = ByteBuffer.allocate(editor.length());
        editor.copyTo(target);
        assertThat(target.array()).isEqualTo(editor.toBytes());
    }

    @Test
    void keepsWhatIsFilledIntoItsRoom() {
        byte[] text = utf8("A\u00011");
        System.arraycopy(text, 0, editor.room(text.length), 0, text.length);
        editor.loaded(text.length);

        assertThat(editor.put("B", "x".repeat(100_000)).get("A")).isEqualTo("1");
        assertThat(editor.load(ByteBuffer.allocate(0)).length()).isZero();
    }

    private static Map<String, String> parse(String text) {
        return MessageProperties.parse(ByteBuffer.wrap(utf8(text)));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
