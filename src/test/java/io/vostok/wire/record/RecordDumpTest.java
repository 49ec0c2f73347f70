package io.vostok.wire.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Objects;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class RecordDumpTest {
    private static final byte[] HOST = {127, 0, 0, 1};
    private static final long BORN = 1_700_000_000_000L;

    @Test
    void readsTheDump() throws IOException {
        ByteBuffer record = ByteBuffer.wrap(bytes(dump()));
        RecordView view = new RecordView();
        assertThat(view.problem(record, 0, record.limit(), 8192)).isNull();
        assertThat(view.topic()).isEqualTo("t");
        assertThat(view.queueId()).isEqualTo(3);
        assertThat(view.queueOffset()).isEqualTo(5);
        assertThat(view.bornTimestamp()).isEqualTo(BORN);
        assertThat(view.storeTimestamp()).isEqualTo(BORN + 1);
        assertThat(view.bornPort()).isEqualTo(4000);
        assertThat(view.storePort()).isEqualTo(10911);
        assertThat(view.property("TAGS")).isEqualTo("a");
        assertThat(view.body()).isEqualTo(ByteBuffer.wrap("hi".getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void writesTheDump() throws IOException {
        byte[] tag = "TAGS\1a\2".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer body = ByteBuffer.wrap("hi".getBytes(StandardCharsets.US_ASCII));
        ByteBuffer target = ByteBuffer.allocate(200);
        int size = new RecordEncoder()
                .encode(
                        target,
                        3,
                        7,
                        0,
                        BORN,
                        HOST,
                        4000,
                        HOST,
                        10911,
                        0,
                        0,
                        body,
                        new byte[] {'t'},
                        tag,
                        0,
                        tag.length,
                        true);
        // What the log fills in when it appends.
        target.putLong(RecordLayout.QUEUE_OFFSET, 5);
        target.putLong(RecordLayout.PHYSICAL_OFFSET, 8192);
        target.putLong(RecordLayout.storeTimestamp(0), BORN + 1);
        RecordTrailer.fill(target, 0, size, new CRC32());
        byte[] written = new byte[size];
        target.get(0, written);
        assertThat(HexFormat.of().formatHex(written)).isEqualTo(HexFormat.of().formatHex(bytes(dump())));
    }

    @Test
    void isShownInTheDocument() throws IOException {
        assertThat(Files.readString(Path.of("docs/formats/commit-log.md"))).contains(dump());
    }

    private static String dump() throws IOException {
        try (InputStream file = Objects.requireNonNull(RecordDumpTest.class.getResourceAsStream("/wire/record.hex"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static byte[] bytes(String dump) {
        StringBuilder hex = new StringBuilder();
        dump.lines().forEach(line -> hex.append(line.replaceAll("#.*", "").replaceAll("\\s", "")));
        return HexFormat.of().parseHex(hex);
    }
}
