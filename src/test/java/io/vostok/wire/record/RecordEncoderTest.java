package io.vostok.wire.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class RecordEncoderTest {
    private static final byte[] V4 = {10, 0, 0, 1};
    private static final byte[] V6 = {0x20, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    private static final byte[] BODY = "hello".getBytes(StandardCharsets.UTF_8);

    private final RecordView view = new RecordView();

    @Test
    void readsBackWhatItWrote() {
        byte[] properties = "TAGS\1a\2KEYS\1k\2".getBytes(StandardCharsets.UTF_8);
        ByteBuffer record = encode(V4, V6, "orders", properties, false);

        assertThat(view.problem(record, 0, record.limit(), 0)).isNull();
        assertThat(record.limit()).isEqualTo(91 + 12 + 5 + 6 + properties.length);
        assertThat(view.magic()).isEqualTo(RecordLayout.MAGIC_V1);
        assertThat(view.queueId()).isEqualTo(3);
        assertThat(view.flag()).isEqualTo(7);
        assertThat(view.sysFlag()).isEqualTo(0x21);
        assertThat(view.bornTimestamp()).isEqualTo(1234567890123L);
        assertThat(view.bornAddress()).isEqualTo(V4);
        assertThat(view.bornPort()).isEqualTo(5555);
        assertThat(view.storeAddress()).isEqualTo(V6);
        assertThat(view.storePort()).isEqualTo(10911);
        assertThat(view.reconsumeTimes()).isEqualTo(2);
        assertThat(view.preparedTransactionOffset()).isEqualTo(99);
        assertThat(view.body()).isEqualTo(ByteBuffer.wrap(BODY));
        assertThat(view.topic()).isEqualTo("orders");
        assertThat(view.property("TAGS")).isEqualTo("a");
        assertThat(view.property("KEY")).isNull();
        assertThat(view.properties()).isEqualTo(properties);
    }

    @Test
    void noticesThatTheSectorWithTheChecksumWasLost() {
        byte[] properties = ("KEYS\1" + "k".repeat(600) + "\2").getBytes(StandardCharsets.UTF_8);
        ByteBuffer record = encode(V4, V4, "orders", properties, true);
        RecordTrailer.fill(record, 0, record.limit(), new CRC32());
        assertThat(view.problem(record, 0, record.limit(), 0)).isNull();

        for (int at = 512; at < record.limit(); at++) record.put(at, (byte) 0);

        assertThat(view.problem(record, 0, record.limit(), 0)).isEqualTo("properties");
    }

    @Test
    void leavesTheBodyBufferAsItWas() {
        ByteBuffer body = ByteBuffer.wrap("xhellox".getBytes(StandardCharsets.UTF_8), 1, 5);
        ByteBuffer record = encode(body, V4, V4, "orders", new byte[0], false);

        assertThat(body.position()).isEqualTo(1);
        assertThat(body.remaining()).isEqualTo(5);
        CRC32 crc = new CRC32();
        crc.update(BODY);
        assertThat(record.getInt(8)).isEqualTo((int) crc.getValue() & 0x7FFFFFFF);
        assertThat(record.getInt(84)).isEqualTo(5);
        assertThat(record.get(88)).isEqualTo((byte) 'h');
    }

    @Test
    void usesTheSecondVersionForTopicsAboveOneHundredTwentySevenCharacters() {
        ByteBuffer atLimit = encode(V4, V4, "t".repeat(127), new byte[0], false);
        ByteBuffer above = encode(V4, V4, "t".repeat(128), new byte[0], true);

        assertThat(atLimit.getInt(4)).isEqualTo(RecordLayout.MAGIC_V1);
        assertThat(above.getInt(4)).isEqualTo(RecordLayout.MAGIC_V2);
        RecordTrailer.fill(above, 0, above.limit(), new CRC32());
        assertThat(view.problem(above, 0, above.limit(), 0)).isNull();
        assertThat(view.topic()).hasSize(128);
    }

    @Test
    void putsASeparatorBeforeTheChecksumOnlyWhenTheTextLacksOne() {
        byte[] without = "TAGS\1a".getBytes(StandardCharsets.UTF_8);
        byte[] with = "TAGS\1a\2".getBytes(StandardCharsets.UTF_8);

        assertThat(encode(V4, V4, "t", without, true).limit())
                .isEqualTo(encode(V4, V4, "t", with, true).limit());
        assertThat(encode(V4, V4, "t", new byte[0], true).limit()).isEqualTo(91 + 5 + 1 + 20);
    }

    @Test
    void writesTheChecksumLeastSignificantDigitFirst() {
        ByteBuffer record = encode(V4, V4, "t", new byte[0], true);
        int size = record.limit();
        RecordTrailer.fill(record, 0, size, new CRC32());

        byte[] bytes = new byte[size];
        record.get(0, bytes);
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, size - 20);
        String digits = new StringBuilder(String.format("%010d", crc.getValue() & 0x7FFFFFFF))
                .reverse()
                .toString();
        assertThat(new String(bytes, size - 20, 20, StandardCharsets.UTF_8)).isEqualTo("__CRC32#\1" + digits + "\2");
        assertThat(view.problem(record, 0, size, 0)).isNull();
    }

    @Test
    void noticesEveryFlippedBit() {
        byte[] properties = "TAGS\1a\2".getBytes(StandardCharsets.UTF_8);
        ByteBuffer record = encode(V4, V4, "orders", properties, true);
        int size = record.limit();
        RecordTrailer.fill(record, 0, size, new CRC32());

        for (int bit = 0; bit < (size - 20) * 8; bit++) {
            record.put(bit / 8, (byte) (record.get(bit / 8) ^ 1 << bit % 8));
            assertThat(view.problem(record, 0, size, 0)).as("bit %d", bit).isNotNull();
            record.put(bit / 8, (byte) (record.get(bit / 8) ^ 1 << bit % 8));
        }
    }

    @Test
    void refusesPropertiesThatLeaveNoRoomForTheChecksum() {
        byte[] longest = new byte[32767 - 21];
        assertThat(encode(V4, V4, "t", longest, true).limit()).isEqualTo(91 + 5 + 1 + 32767);
        assertThatThrownBy(() -> encode(V4, V4, "t", new byte[32767 - 20], true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("properties take 32768 bytes, at most 32767 are allowed");
    }

    private static ByteBuffer encode(byte[] born, byte[] store, String topic, byte[] properties, boolean recordCrc) {
        return encode(ByteBuffer.wrap(BODY), born, store, topic, properties, recordCrc);
    }

    private static ByteBuffer encode(
            ByteBuffer body, byte[] born, byte[] store, String topic, byte[] properties, boolean recordCrc) {
        byte[] name = topic.getBytes(StandardCharsets.US_ASCII);
        int stored = RecordEncoder.storedPropertiesBytes(properties, 0, properties.length, recordCrc);
        int size = RecordEncoder.sizeBytes(
                born.length, store.length, body.remaining(), name.length, Math.min(stored, 32767));
        ByteBuffer target = ByteBuffer.allocate(size);
        int written = new RecordEncoder()
                .encode(
                        target,
                        3,
                        7,
                        1,
                        1234567890123L,
                        born,
                        5555,
                        store,
                        10911,
                        2,
                        99,
                        body,
                        name,
                        properties,
                        0,
                        properties.length,
                        recordCrc);
        assertThat(written).isEqualTo(size);
        assertThat(target.hasRemaining()).isFalse();
        return target.flip();
    }
}
