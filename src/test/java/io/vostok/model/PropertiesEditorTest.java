package io.vostok.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PropertiesEditorTest {
    private static final List<String> KEYS = List.of(
            "a", "b", "ab", "TAGS", "TA", "T", "TRAN_MSG", "TRACE_ON", "\u00e9", "a\u00e9", "\u4e2d\u6587", "__CRC32#");

    @Test
    void answersAsTheTextItselfDoesWhateverWasChanged() {
        Random random = new Random(42);
        for (int round = 0; round < 5_000; round++) {
            PropertiesEditor editor = new PropertiesEditor();
            byte[] loaded = text(random);
            editor.load(loaded, 0, loaded.length);
            for (int step = 0; step < 6; step++) {
                change(editor, random);
                for (String key : KEYS) {
                    String expected = MessageProperties.get(editor.bytes(), 0, editor.length(), key);
                    assertThat(editor.get(key)).as(key).isEqualTo(expected);
                    assertThat(editor.contains(key)).as(key).isEqualTo(expected != null);
                }
            }
        }
    }

    @Test
    void fixedPropertiesTakeThePlaceOfWhatWasThere() {
        Map<String, String> fixed = new LinkedHashMap<>();
        fixed.put("TRACE_ON", "true");
        fixed.put("a", "2");
        byte[] text = "a\u00011\u0002b\u00013\u0002a\u00014\u0002".getBytes(StandardCharsets.UTF_8);
        PropertiesEditor editor = new PropertiesEditor().load(text, 0, text.length);

        editor.putAll(new FixedProperties(fixed));

        assertThat(new String(editor.toBytes(), StandardCharsets.UTF_8))
                .isEqualTo("b\u00013\u0002TRACE_ON\u0001true\u0002a\u00012\u0002");
        assertThat(editor.get("a")).isEqualTo("2");
    }

    @Test
    void forgetsTheLastText() {
        byte[] first = "TAGS\u0001x\u0002".getBytes(StandardCharsets.UTF_8);
        PropertiesEditor editor = new PropertiesEditor().load(first, 0, first.length);

        editor.load(new byte[0], 0, 0);

        assertThat(editor.contains("TAGS")).isFalse();
        assertThat(editor.put("TAGS", "y").get("TAGS")).isEqualTo("y");
    }

    private static void change(PropertiesEditor editor, Random random) {
        String key = KEYS.get(random.nextInt(KEYS.size()));
        switch (random.nextInt(4)) {
            case 0 -> editor.put(key, "v" + random.nextInt(10));
            case 1 -> editor.putAll(new FixedProperties(Map.of(key, "f" + random.nextInt(10))));
            case 2 -> editor.remove(key);
            default -> {
                byte[] loaded = text(random);
                editor.load(loaded, 0, loaded.length);
            }
        }
    }

    /** Mostly well-formed, with empty keys, empty values, missing separators and keys that come twice. */
    private static byte[] text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            if (random.nextInt(20) > 0) text.append(KEYS.get(random.nextInt(KEYS.size())));
            if (random.nextInt(20) > 0) text.append((char) MessageProperties.NAME_VALUE_SEPARATOR);
            if (random.nextInt(20) > 0) text.append(random.nextInt(100));
            if (i > 1 || random.nextBoolean()) text.append((char) MessageProperties.PROPERTY_SEPARATOR);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
