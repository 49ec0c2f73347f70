package io.vostok.store.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.model.DataVersion;
import io.vostok.model.GroupName;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.StoreEvents;
import io.vostok.store.StoreException;
import io.vostok.store.file.SimCrash;
import io.vostok.store.file.SimDisk;
import io.vostok.time.ManualClock;
import io.vostok.wire.body.ConsumerOffsetTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsumerOffsetsTest {
    private static final String JSON = "config/consumerOffset.json";
    private static final String TABLE = "config/consumerOffset.table.00000001.0000";
    private static final GroupName GROUP = new GroupName("orders-group");
    private static final TopicName TOPIC = new TopicName("orders");
    private static final QueueId QUEUE = new QueueId(TOPIC, 3);

    private final ManualClock clock = new ManualClock(1_700_000_000_000L);
    private final List<String> warnings = new ArrayList<>();
    private SimDisk disk = new SimDisk(clock);

    @Test
    void knowsNothingBeforeTheFirstCommit() {
        ConsumerOffsets offsets = open();

        assertThat(offsets.find(GROUP, QUEUE)).isEqualTo(-1);
        assertThat(offsets.offsets(GROUP, TOPIC)).isEmpty();
        assertThat(offsets.topicsOf(GROUP)).isEmpty();
        assertThat(offsets.groupsOf(TOPIC)).isEmpty();
    }

    @Test
    void answersWhatWasCommittedAlsoWhenItIsLower() {
        ConsumerOffsets offsets = open();
        offsets.commit(GROUP, QUEUE, 7);
        offsets.commit(GROUP, new QueueId(TOPIC, 0), ConsumerOffsets.MAX_OFFSET);
        offsets.commit(GROUP, QUEUE, 5);

        assertThat(offsets.find(GROUP, QUEUE)).isEqualTo(5);
        assertThat(offsets.offsets(GROUP, TOPIC))
                .containsExactlyInAnyOrderEntriesOf(Map.of(0, ConsumerOffsets.MAX_OFFSET, 3, 5L));
        assertThat(offsets.topicsOf(GROUP)).containsExactly(TOPIC);
        assertThat(offsets.groupsOf(TOPIC)).containsExactly(GROUP);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, ConsumerOffsets.MAX_OFFSET + 1, Long.MAX_VALUE})
    void refusesOffsetsThatCannotBe(long offset) {
        assertThatThrownBy(() -> open().commit(GROUP, QUEUE, offset)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keepsEveryCommitWhenTheProcessDiesWithoutForce() {
        ConsumerOffsets offsets = open();
        offsets.commit(GROUP, QUEUE, 7);
        offsets.commit(GROUP, QUEUE, 8);

        disk = disk.crashProcess();

        assertThat(open().find(GROUP, QUEUE)).isEqualTo(8);
    }

    @Test
    void forgetsRemovedTopicsAndGroupsForGood() {
        ConsumerOffsets offsets = open();
        QueueId other = new QueueId(new TopicName("other"), 0);
        GroupName otherGroup = new GroupName("other-group");
        for (GroupName group : List.of(GROUP, otherGroup)) {
            offsets.commit(group, QUEUE, 1);
            offsets.commit(group, other, 2);
        }

        offsets.removeTopic(TOPIC);
        offsets.removeGroup(otherGroup);
        disk = disk.crashProcess();
        ConsumerOffsets after = open();

        assertThat(after.topicsOf(GROUP)).containsExactly(other.topic());
        assertThat(after.topicsOf(otherGroup)).isEmpty();
        assertThat(after.groupsOf(TOPIC)).isEmpty();
        after.commit(GROUP, QUEUE, 9);
        assertThat(after.find(GROUP, QUEUE)).isEqualTo(9);
    }

    @Test
    void lowersOffsetsBeyondTheEndAndSaysSo() {
        ConsumerOffsets offsets = open();
        offsets.commit(GROUP, QUEUE, 100);
        offsets.commit(new GroupName("behind"), QUEUE, 10);

        assertThat(offsets.clamp(queue -> queue.equals(QUEUE) ? 50 : 0)).isEqualTo(1);

        assertThat(offsets.find(GROUP, QUEUE)).isEqualTo(50);
        assertThat(offsets.find(new GroupName("behind"), QUEUE)).isEqualTo(10);
        assertThat(warnings).singleElement().asString().contains("to=50 was=100 group=orders-group");
    }

    @Test
    void lowersOffsetsOfQueuesThatTheStoreNoLongerHas() {
        ConsumerOffsets offsets = open();
        QueueId lost = new QueueId(new TopicName("lost"), 3);
        offsets.commit(GROUP, QUEUE, 7);
        offsets.commit(GROUP, lost, 4);

        assertThat(offsets.clamp(queue -> queue.equals(QUEUE) ? 7 : 0)).isEqualTo(1);

        assertThat(offsets.find(GROUP, QUEUE)).isEqualTo(7);
        assertThat(offsets.find(GROUP, lost)).isZero();
        assertThat(warnings).singleElement().asString().contains("to=0 was=4 group=orders-group queue=lost/3");
    }

    @Test
    void growsByFurtherFilesAndGivesAllBack() {
        ConsumerOffsets offsets = open();
        for (int queue = 0; queue < 500; queue++) offsets.commit(GROUP, new QueueId(TOPIC, queue), queue);
        offsets.close();
        assertThat(disk.mappedSegments()).isZero();
        assertThat(disk.files("config")).hasSizeGreaterThan(5);

        ConsumerOffsets after = open();

        assertThat(after.offsets(GROUP, TOPIC)).hasSize(500);
        assertThat(after.find(GROUP, new QueueId(TOPIC, 499))).isEqualTo(499);
        assertThat(warnings).isEmpty();
    }

    @Test
    void refusesMoreEntriesThanItMayHave() {
        ConsumerOffsets offsets = ConsumerOffsets.open(disk, events(), clock, 4096, 2);
        offsets.commit(GROUP, new QueueId(TOPIC, 0), 1);
        offsets.commit(GROUP, new QueueId(TOPIC, 1), 1);

        assertThatThrownBy(() -> offsets.commit(GROUP, new QueueId(TOPIC, 2), 1))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("full: it has 2 entries");
        offsets.commit(GROUP, new QueueId(TOPIC, 1), 2);
        assertThat(offsets.find(GROUP, new QueueId(TOPIC, 2))).isEqualTo(-1);
    }

    @Test
    void writesApachesFileWhenForced() {
        ConsumerOffsets offsets = open();
        offsets.commit(GROUP, QUEUE, 12);
        offsets.force();

        assertThat(exported().offsets()).isEqualTo(Map.of("orders@orders-group", Map.of(3, 12L)));
        long version = exported().version().counter();
        offsets.force();
        assertThat(exported().version().counter()).isEqualTo(version);
    }

    @Test
    void takesOverWhatApacheWroteAfterUs() {
        ConsumerOffsets offsets = open();
        offsets.commit(GROUP, QUEUE, 12);
        offsets.commit(GROUP, new QueueId(TOPIC, 9), 1);
        offsets.close();
        disk.write(JSON, apache("orders@orders-group", Map.of(3, 2000L)));

        ConsumerOffsets after = open();
        assertThat(after.find(GROUP, QUEUE)).isEqualTo(2000);
        assertThat(after.find(GROUP, new QueueId(TOPIC, 9))).isEqualTo(1);
        after.commit(GROUP, QUEUE, 2001);
        disk = disk.crashProcess();

        assertThat(open().find(GROUP, QUEUE)).isEqualTo(2001);
    }

    @Test
    void readsApachesBackupWhenTheStoreComesFromApache() {
        disk.write(JSON, new byte[0]);
        disk.write(JSON + ".bak", apache("orders@orders-group", Map.of(3, 20L)));

        assertThat(open().find(GROUP, QUEUE)).isEqualTo(20);
    }

    @Test
    void refusesToStartEmptyWhenApachesFilesAreDamaged() {
        disk.write(JSON, "{".getBytes(StandardCharsets.UTF_8));
        disk.write(JSON + ".bak", new byte[0]);

        assertThatThrownBy(this::open).isInstanceOf(StoreException.class).hasMessageContaining(JSON + ".bak");
    }

    @Test
    void ignoresDamageOfItsOwnExport() {
        ConsumerOffsets offsets = open();
        offsets.commit(GROUP, QUEUE, 12);
        offsets.close();
        String text = new String(read(JSON), StandardCharsets.UTF_8);
        disk.write(JSON, text.replace("12", "92").getBytes(StandardCharsets.UTF_8));

        assertThat(open().find(GROUP, QUEUE)).isEqualTo(12);
        assertThat(warnings).isNotEmpty();
    }

    @Test
    void losesNothingButTheDamagedEntryToAnyFlippedBit() {
        RandomGenerator random = new Random(11);
        for (int round = 0; round < 150; round++) {
            disk = new SimDisk(clock);
            ConsumerOffsets offsets = open();
            for (int queue = 0; queue < 8; queue++) offsets.commit(GROUP, new QueueId(TOPIC, queue), 1000 + queue);
            int bit = random.nextInt(64 * 8 + 8 * 48 * 8);
            disk = disk.crashProcess();
            disk.flipBit(TABLE, bit);

            ConsumerOffsets after = open();

            int right = 0;
            for (int queue = 0; queue < 8; queue++) {
                long offset = after.find(GROUP, new QueueId(TOPIC, queue));
                assertThat(offset).as("bit %s queue %s", bit, queue).isIn(1000L + queue, -1L);
                if (offset >= 0) right++;
            }
            assertThat(right).as("bit " + bit).isGreaterThanOrEqualTo(7);
        }
    }

    @Test
    void takesTheExportedOffsetForADamagedOne() {
        ConsumerOffsets offsets = open();
        offsets.commit(GROUP, QUEUE, 12);
        offsets.force();
        offsets.commit(GROUP, QUEUE, 14);
        disk = disk.crashProcess();
        disk.flipBit(TABLE, (64 + 8 + 7) * 8L);

        assertThat(open().find(GROUP, QUEUE)).isEqualTo(12);
        assertThat(warnings).anyMatch(line -> line.contains("group=orders-group topic=orders queue=3"));
    }

    @Test
    void keepsIntactEntriesOfACutFile() {
        ConsumerOffsets offsets = open();
        for (int queue = 0; queue < 500; queue++) offsets.commit(GROUP, new QueueId(TOPIC, queue), queue);
        disk = disk.crashProcess();
        disk.truncate("config/consumerOffset.table.00000001.0002", 1000);

        ConsumerOffsets after = open();

        assertThat(after.offsets(GROUP, TOPIC)).hasSizeBetween(400, 499);
        assertThat(after.find(GROUP, new QueueId(TOPIC, 499))).isEqualTo(499);
    }

    @Test
    void doesNotForgetAFailedForce() {
        ConsumerOffsets offsets = open();
        offsets.commit(GROUP, QUEUE, 12);
        disk.failNextForce(TABLE);

        assertThatThrownBy(offsets::force).isInstanceOf(StoreException.class);
        assertThatThrownBy(offsets::force).isInstanceOf(StoreException.class);
    }

    @Test
    void knowsItsOwnExportAgainHoweverManyFailedAfterIt() {
        ConsumerOffsets offsets = open();
        offsets.commit(GROUP, QUEUE, 1);
        offsets.force();
        disk.fillUp(0);
        for (long offset = 10; offset < 1_000_000; offset *= 10) {
            offsets.commit(GROUP, QUEUE, offset); // a longer file each time
            offsets.force();
        }
        disk = disk.crashProcess();
        disk.fillUp(1 << 20);

        assertThat(open().find(GROUP, QUEUE)).isEqualTo(100_000);
    }

    @Test
    void goesOnWhenTheExportFindsNoRoom() {
        ConsumerOffsets offsets = open();
        offsets.commit(GROUP, QUEUE, 12);
        disk.fillUp(0);
        offsets.force();
        assertThat(warnings).hasSize(1);
        offsets.commit(GROUP, QUEUE, 13);
        disk.fillUp(1 << 20);
        offsets.force();

        assertThat(exported().offsets()).isEqualTo(Map.of("orders@orders-group", Map.of(3, 13L)));
    }

    @Test
    void isOldOrNewAtEveryStepOfTakingOver() {
        for (int step = 1; ; step++) {
            disk = new SimDisk(clock);
            ConsumerOffsets offsets = open();
            offsets.commit(GROUP, QUEUE, 12);
            offsets.close();
            disk.write(JSON, apache("orders@orders-group", Map.of(3, 2000L)));
            disk.crashAtStep(step);
            boolean done = completes(this::open);
            disk = disk.powerCut(new Random(step));

            assertThat(open().find(GROUP, QUEUE)).as("step " + step).isEqualTo(2000);
            if (done) return;
        }
    }

    @Test
    void keepsCommitsAtEveryStepOfForcing() {
        for (int step = 1; ; step++) {
            disk = new SimDisk(clock);
            ConsumerOffsets offsets = open();
            offsets.commit(GROUP, QUEUE, 12);
            offsets.force();
            offsets.commit(GROUP, QUEUE, 13);
            offsets.force();
            offsets.commit(GROUP, QUEUE, 14);
            disk.crashAtStep(step);
            boolean done = completes(offsets::force);
            disk = disk.crashProcess();

            assertThat(open().find(GROUP, QUEUE)).as("step " + step).isEqualTo(14);
            if (done) return;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void agreesWithAModelOverCrashesAndPowerCuts(long seed) {
        RandomGenerator random = new Random(seed);
        Map<Integer, Long> model = new HashMap<>();
        Map<Integer, Set<Long>> sinceForce = new HashMap<>();
        ConsumerOffsets offsets = open();
        for (int step = 0; step < 600; step++) {
            int queue = random.nextInt(120);
            int what = random.nextInt(100);
            if (what < 90) {
                long offset = random.nextLong(1 << 20);
                sinceForce.computeIfAbsent(queue, none -> before(model, queue)).add(offset);
                offsets.commit(GROUP, new QueueId(TOPIC, queue), offset);
                model.put(queue, offset);
            } else if (what < 94) {
                offsets.force();
                sinceForce.clear();
            } else if (what < 97) {
                disk = disk.crashProcess();
                offsets = open();
                assertThat(offsets.offsets(GROUP, TOPIC)).as("seed " + seed).isEqualTo(model);
            } else {
                disk = disk.powerCut(random);
                offsets = open();
                for (int i = 0; i < 120; i++) {
                    long found = offsets.find(GROUP, new QueueId(TOPIC, i));
                    assertThat(sinceForce.getOrDefault(i, before(model, i)))
                            .as("seed " + seed)
                            .contains(found);
                    if (found < 0) model.remove(i);
                    else model.put(i, found);
                }
                sinceForce.clear();
            }
        }
    }

    private static Set<Long> before(Map<Integer, Long> model, int queue) {
        return new HashSet<>(Set.of(model.getOrDefault(queue, -1L)));
    }

    private static boolean completes(Runnable work) {
        try {
            work.run();
            return true;
        } catch (SimCrash crash) {
            return false;
        }
    }

    private ConsumerOffsets open() {
        return ConsumerOffsets.open(disk, events(), clock, 4096, 10_000);
    }

    private StoreEvents events() {
        return new StoreEvents() {
            @Override
            public void info(String line) {}

            @Override
            public void warn(String line) {
                warnings.add(line);
            }
        };
    }

    private ConsumerOffsetTable exported() {
        return ConsumerOffsetTable.read(read(JSON));
    }

    private byte[] read(String path) {
        byte[] content = disk.read(path);
        return content == null ? new byte[0] : content;
    }

    private static byte[] apache(String key, Map<Integer, Long> queues) {
        return new ConsumerOffsetTable(Map.of(key, queues), new DataVersion(0, 1_700_000_001_000L, 501)).write();
    }
}
