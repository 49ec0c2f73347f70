package io.vostok.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Reads the commented dumps of {@code src/test/resources/wire}: hex, with comments from {@code #} to the end of a line. */
public final class HexDump {
    private HexDump() {}

    public static byte[] read(String name) {
        try (InputStream in = HexDump.class.getResourceAsStream("/wire/" + name + ".hex")) {
            if (in == null) throw new IllegalArgumentException("no dump " + name);
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            StringBuilder hex = new StringBuilder();
            text.lines()
                    .map(line -> line.replaceAll("#.*", "").replace(" ", ""))
                    .forEach(hex::append);
            return HexFormat.of().parseHex(hex);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
