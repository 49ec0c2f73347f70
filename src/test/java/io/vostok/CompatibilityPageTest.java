package io.vostok;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.wire.RequestCode;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Keeps {@code docs/compatibility.md} complete: every request code has its row, with its name. */
class CompatibilityPageTest {
    private static final Pattern ROW = Pattern.compile("^\\| (\\d+) \\| ([A-Z0-9_]+) \\| [^|]+ \\|", Pattern.MULTILINE);

    @Test
    void hasOneRowForEveryRequestCode() throws IOException, IllegalAccessException {
        Map<Integer, String> rows = new TreeMap<>();
        Matcher row = ROW.matcher(Files.readString(Path.of("docs/compatibility.md")));
        while (row.find()) {
            assertThat(rows.put(Integer.parseInt(row.group(1)), row.group(2)))
                    .as("second row of code %s", row.group(1))
                    .isNull();
        }
        Map<Integer, String> codes = new TreeMap<>();
        for (Field field : RequestCode.class.getFields()) {
            if (field.getType() == int.class) codes.put(field.getInt(null), field.getName());
        }

        assertThat(rows).isEqualTo(codes);
    }
}
