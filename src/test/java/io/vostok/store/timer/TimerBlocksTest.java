package io.vostok.store.timer;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.store.file.SimDisk;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TimerBlocksTest {
    private static final String FIRST = TimerBlocks.FOLDER + "/00000000";

    private final SimDisk disk = new SimDisk();
    private final TimerBlocks blocks = new TimerBlocks(disk, 8192);
    private final TimerBuckets buckets = new TimerBuckets(blocks);

    @Test
    void writesBlocksAsDocumented() throws Exception {
        buckets.add(1_700_000_000_123L, false, 5, 4_096, 333);

        String page = Files.readString(Path.of("docs/formats/timer-index.md"), StandardCharsets.UTF_8);
        String dump = page.lines()
                .filter(line -> line.matches("    [0-9a-f]{8}.*"))
                .map(line -> line.replace(" ", ""))
                .collect(Collectors.joining());
        byte[] content = Objects.requireNonNull(disk.read(FIRST));
        assertThat(HexFormat.of().formatHex(content, 0, 64)).isEqualTo(dump);
        assertThat(ByteBuffer.wrap(content).getLong(8)).isEqualTo(1_700_000_000_123L >> 17);
    }

    @Test
    void findsWhatIsPendingAndForgetsWhatIsBehindTheCheckpoint() {
        for (int i = 0; i < 100; i++) buckets.add(1_000_000L * (i % 3), i % 10 == 0, i, i * 100L, 50);
        int files = blocks.files();
        buckets.done(0);

        List<Long> found = reopened(files, 80);

        assertThat(found).hasSize(79).doesNotContain(0L).allMatch(offset -> offset < 80);
        assertThat(reopened(files, 100)).as("forgotten for good").hasSize(79);
    }

    @Test
    void noticesEveryBitThatFlipsInAPendingEntry() {
        buckets.add(5_000L, false, 6, 4_096, 333);
        for (int bit = 0; bit < 8 * 32; bit++) {
            SimDisk copy = new SimDisk();
            copy.write(FIRST, Objects.requireNonNull(disk.read(FIRST)));
            copy.flipBit(FIRST, 8 * 32 + bit);
            TimerBlocks opened = new TimerBlocks(copy, 8192);
            assertThat(opened.open(1)).isTrue();
            // Opened in the order of blocks; the one that was taken is the first.
            assertThat(opened.recover(0, 100, entry -> {})).as("bit %s", bit).isEqualTo(-2);
            opened.close();
        }
    }

    @Test
    void doesNotOpenWhenAFileIsMissingOrCut() {
        for (int i = 0; i < 500; i++) buckets.add(7, false, i, i, 50);
        int files = blocks.files();
        assertThat(files).isGreaterThan(1);
        blocks.close();
        disk.truncate(FIRST, 4096);

        assertThat(new TimerBlocks(disk, 8192).open(files)).isFalse();
        disk.delete(FIRST);
        assertThat(new TimerBlocks(disk, 8192).open(files)).isFalse();
    }

    private List<Long> reopened(int files, long indexed) {
        blocks.close();
        List<Long> offsets = new ArrayList<>();
        TimerBlocks opened = new TimerBlocks(disk, 8192);
        assertThat(opened.open(files)).isTrue();
        for (int block = 0; block < opened.blocks(); block++) {
            assertThat(opened.recover(block, indexed, entry -> offsets.add(opened.offset(entry))))
                    .isNotEqualTo(-2);
        }
        opened.close();
        return offsets;
    }
}
