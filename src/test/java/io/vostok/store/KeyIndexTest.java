package io.vostok.store;

import static io.vostok.store.StoreKit.queue;
import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.model.QueueId;
import io.vostok.model.SysFlag;
import io.vostok.store.file.SimCrash;
import io.vostok.store.index.KeyHash;
import io.vostok.store.index.KeyIndex;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyIndexTest {
    private static final QueueId QUEUE = queue("orders", 0);
    private final StoreKit kit = new StoreKit();

    @Test
    void findsAMessageByEachOfItsKeys() {
        append("body", "id1", "key1 key2");

        assertThat(find("id1")).containsExactly("body");
        assertThat(find("key1")).containsExactly("body");
        assertThat(find("key2")).containsExactly("body");
        assertThat(find("key")).isEmpty();
        assertThat(find("key1 key2")).isEmpty();
        assertThat(kit.store.keys().holds("orders", "id1")).isTrue();
        assertThat(kit.store.keys().holds("orders", "key1")).as("no unique id").isFalse();
        assertThat(kit.store.keys().holds("others", "id1")).isFalse();
    }

    @Test
    void tellsUniqueIdsFromWords() {
        append("one", "same", "x");
        append("two", "y", "same");

        assertThat(find("same", KeyReader.Kind.ANY)).containsExactly("one", "two");
        assertThat(find("same", KeyReader.Kind.UNIQUE)).containsExactly("one");
        assertThat(find("same", KeyReader.Kind.WORD)).containsExactly("two");
    }

    @Test
    void tellsKeysWithTheSameHashApart() {
        assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
        append("first", "Aa", "");
        append("second", "BB", "");

        assertThat(find("Aa")).containsExactly("first");
        assertThat(find("BB")).containsExactly("second");
    }

    @Test
    void findsWhatWasStoredBetweenTwoTimes() {
        long start = kit.clock.wallMillis();
        for (int i = 0; i < 10; i++) {
            append("m" + i, "id" + i, "key");
            kit.clock.advance(Duration.ofMillis(700));
        }

        assertThat(find("key", start + 700, start + 2 * 700)).containsExactly("m1", "m2");
        assertThat(find("key", start + 701, start + 2 * 700)).containsExactly("m2");
        assertThat(find("key", start + 9 * 700, Long.MAX_VALUE)).containsExactly("m9");
        assertThat(find("key", 0, start - 1)).isEmpty();
    }

    @Test
    void givesTheNewestWhenThereAreMoreThanAskedFor() {
        for (int i = 0; i < 10; i++) append("m" + i, "id" + i, "key");

        KeyReader.Found few = kit.store.keys().find("orders", "key", KeyReader.Kind.ANY, 0, Long.MAX_VALUE, 3, 1 << 20);
        KeyReader.Found small = kit.store.keys().find("orders", "key", KeyReader.Kind.ANY, 0, Long.MAX_VALUE, 10, 1);

        assertThat(bodies(few)).containsExactly("m7", "m8", "m9");
        assertThat(bodies(small)).containsExactly("m9");
    }

    @Test
    void isForcedByAPartOfACheckpointOnlyNowAndThen() {
        append("zero", "id0", "key");
        kit.store.flusher().flush();
        kit.store.flusher().checkpoint();
        append("one", "id1", "key");
        kit.store.flusher().flush();
        kit.store.flusher().checkpointPart(Long.MAX_VALUE);
        kit.killAndReopen();
        assertThat(kit.lines).as("was not forced").anyMatch(line -> line.contains("key index behind"));
        dispatchKeys();
        assertThat(find("key")).containsExactly("zero", "one");

        kit.lines.clear();
        kit.clock.advance(Duration.ofSeconds(5));
        kit.store.flusher().checkpointPart(Long.MAX_VALUE);
        kit.killAndReopen();
        assertThat(kit.lines).noneMatch(line -> line.contains("key index behind"));
        assertThat(find("key")).containsExactly("zero", "one");
    }

    @Test
    void goesOnInTheNextFileWhenOneIsFull() {
        for (int i = 0; i < 500; i++) append("m" + i, "id" + i, "key" + i % 10);

        assertThat(kit.disk.files("index").size()).isGreaterThan(2);
        for (int i = 0; i < 500; i++) assertThat(find("id" + i)).containsExactly("m" + i);
        assertThat(find("key3", KeyReader.Kind.WORD))
                .hasSize(50)
                .startsWith("m3")
                .endsWith("m493");
    }

    @Test
    void indexesMoreKeysOfOneMessageThanAFileHolds() {
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < 700; i++) words.append("w").append(i).append(' ');
        append("body", "id", words.toString());

        for (int i = 0; i < 700; i++) assertThat(find("w" + i)).containsExactly("body");
    }

    @Test
    void leavesOutRolledBackTransactions() {
        kit.append(QUEUE, "gone", properties("id1", "key"), SysFlag.TRANSACTION_MASK);
        kit.append(QUEUE, "half", properties("id2", "key"), SysFlag.TRANSACTION_PREPARED);
        append("plain", "id3", "key");

        assertThat(find("key")).containsExactly("half", "plain");
    }

    @Test
    void catchesUpWithWhatCameBeforeThereWasRoom() {
        for (int i = 0; i < 20; i++) {
            kit.append(QUEUE, "m" + i, properties("id" + i, ""), 0);
            while (kit.store.dispatcher().dispatch(100, StoreKit.NOBODY)) {
                // no room is made meanwhile
            }
        }
        assertThat(find("id7")).isEmpty();
        assertThat(kit.index(QUEUE).maxOffset()).as("the queue does not wait").isEqualTo(20);

        assertThat(kit.store.housekeeping().makeIndexRoom(StoreKit.NOW)).isTrue();
        dispatchKeys();

        for (int i = 0; i < 20; i++) assertThat(find("id" + i)).containsExactly("m" + i);
    }

    @Test
    void serversGoOnWhenTheDiskHasNoRoomForKeys() {
        append("before", "id0", "");
        kit.disk.fillUp(0);
        for (int i = 0; i < 400; i++) {
            try {
                kit.store.log().append(QUEUE, StoreKit.record(QUEUE, "m", properties("x" + i, ""), 0), 1, StoreKit.NOW);
            } catch (StoreException full) {
                break;
            }
            try {
                kit.dispatch();
            } catch (StoreException full) {
                break; // the queue itself needs a block
            }
            kit.store.housekeeping().makeIndexRoom(StoreKit.NOW);
        }
        kit.disk.fillUp(1 << 24);
        dispatchKeys();

        assertThat(find("x0")).containsExactly("m");
    }

    @Test
    void deletesFilesWhoseMessagesHaveExpired() {
        for (int i = 0; i < 500; i++) append("m" + i, "id" + i, "k");
        int before = kit.disk.files("index").size();
        kit.store.flusher().flush();
        kit.store.flusher().checkpoint();
        kit.clock.advance(Duration.ofHours(2));
        while (kit.store.housekeeping().clean(kit.clock.wallMillis(), DeletionGuard.NONE)) {
            // until nothing is due
        }

        assertThat(kit.disk.files("index").size()).isLessThan(before);
        assertThat(find("id0")).isEmpty();
        assertThat(find("id499")).containsExactly("m499");
        kit.reopen();
        dispatchKeys();
        assertThat(find("id499")).containsExactly("m499");
    }

    @Test
    void makesTheIndexAnewWhenItsFilesAreGone() {
        for (int i = 0; i < 100; i++) append("m" + i, "id" + i, "k");
        kit.store.close();
        for (String name : kit.disk.files("index")) kit.disk.delete("index/" + name);
        kit.open();
        dispatchKeys();

        for (int i = 0; i < 100; i++) assertThat(find("id" + i)).containsExactly("m" + i);
    }

    @Test
    void readsNothingAgainAfterAnOrderlyStop() {
        for (int i = 0; i < 100; i++) append("m" + i, "id" + i, "k");
        byte[] before = kit.content("index/" + kit.disk.files("index").get(0));
        kit.reopen();
        dispatchKeys();

        assertThat(kit.content("index/" + kit.disk.files("index").get(0))).isEqualTo(before);
        assertThat(find("id42")).containsExactly("m42");
    }

    @Test
    void answersAnyPosition() {
        Stored stored = append("body", "id", "");

        assertThat(kit.store.keys().at(stored.position())).isNotNull();
        for (long position : new long[] {-1, 1, stored.endPosition(), Long.MIN_VALUE, Long.MAX_VALUE, 1L << 40}) {
            assertThat(kit.store.keys().at(position)).as("at " + position).isNull();
        }
    }

    @Test
    void writesFilesAsDocumented() throws Exception {
        append("body", "Aa", "BB k");
        byte[] file = kit.content("index/" + kit.disk.files("index").get(0));
        int entries = 40 + 4 * StoreKit.INDEX_SLOTS;
        StringBuilder dump = new StringBuilder();
        row(dump, file, 0, "8 8 8 8 4 4");
        row(dump, file, 40, "4 4 4 4 4 4 4");
        for (int entry = 0; entry < 4; entry++) row(dump, file, entries + 20 * entry, "4 8 4 4");

        String page = Files.readString(Path.of("docs/formats/key-index.md"));
        for (String line : dump.toString().split("\n", -1)) assertThat(page).contains(line);
    }

    private static void row(StringBuilder dump, byte[] file, int from, String widths) {
        int at = from;
        for (String width : widths.split(" ", -1)) {
            int length = Integer.parseInt(width);
            if (at > from) dump.append(' ');
            dump.append(HexFormat.of().formatHex(file, at, at + length));
            at += length;
        }
        dump.append('\n');
    }

    /** A slot that was emptied and not filled again when the process ended looks right to the next one. */
    @Test
    void losesNoKeyToAKillWhileItOpensAfterAKill() {
        for (int step = 1; step < 60; step++) {
            StoreKit killed = new StoreKit();
            for (int i = 0; i < 40; i++) {
                killed.append(QUEUE, "m" + i, properties("id" + i, ""), 0);
                killed.dispatch();
                killed.store.housekeeping().makeIndexRoom(StoreKit.NOW);
                if (i == 20) {
                    killed.store.flusher().flush();
                    killed.store.flusher().checkpoint();
                }
            }
            killed.disk = killed.disk.crashProcess();
            killed.disk.crashAtStep(step);
            try {
                killed.open();
            } catch (SimCrash again) {
                killed.killAndReopen();
            }
            dispatchKeys(killed);
            for (int i = 0; i < 40; i++) {
                assertThat(killed.store.keys().holds("orders", "id" + i))
                        .as("killed at step " + step + ": id" + i)
                        .isTrue();
            }
        }
    }

    /** Invariants 29 to 31: whatever is cut and killed, each message that is left is found by each of its keys. */
    @Test
    void losesNoKeyInAnyCrash() {
        Long only = Long.getLong("sim.seed");
        for (long seed = only == null ? 1 : only; seed <= (only == null ? 400 : only); seed++) {
            try {
                history(new Random(seed));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "repeat with: mvn -q test -Dtest=KeyIndexTest#losesNoKeyInAnyCrash -Dsim.seed=" + seed, e);
            }
        }
    }

    private static void history(Random random) {
        StoreKit kit = new StoreKit();
        List<String> ids = new ArrayList<>();
        for (int life = 0; life < 4; life++) {
            if (random.nextInt(3) > 0) kit.disk.crashAtStep(1 + random.nextInt(600));
            try {
                for (int i = 0; i < 60; i++) {
                    String id = "id" + ids.size();
                    ids.add(id);
                    kit.append(QUEUE, id, properties(id, "w" + id + " all n" + ids.size() % 5), 0);
                    if (random.nextInt(3) == 0) kit.dispatch();
                    if (random.nextInt(5) == 0) kit.store.housekeeping().makeIndexRoom(StoreKit.NOW);
                    if (random.nextInt(9) == 0) kit.store.flusher().flush();
                    if (random.nextInt(9) == 0) kit.store.flusher().checkpoint();
                }
                kit.disk.crashAtStep(Long.MAX_VALUE / 2);
                if (random.nextInt(3) == 0) kit.store.close();
            } catch (SimCrash crash) {
                // as asked for
            }
            if (random.nextBoolean()) kit.killAndReopen();
            else kit.cutPowerAndReopen(random);
            dispatchKeys(kit);
            check(kit);
        }
        kit.store.close();
    }

    private static void check(StoreKit kit) {
        List<String> left = new ArrayList<>();
        ConsumeQueue units = kit.store.queues().find(QUEUE);
        if (units == null) return;
        for (long offset = units.minOffset(); offset < units.maxOffset(); offset++) {
            ByteBuffer record = kit.store.keys().at(units.position(offset));
            // Recovery takes a record that was never flushed and lost the sectors of its properties for whole: no keys.
            if (record == null) continue;
            RecordView view = new RecordView().wrap(record, 0);
            String id = view.property("UNIQ_KEY");
            String words = view.property("KEYS");
            if (id != null && words != null && words.startsWith("w" + id + " all n")) left.add(id);
        }
        for (String id : left) {
            assertThat(find(kit, id, KeyReader.Kind.ANY)).as(id).containsExactly(id);
            assertThat(find(kit, "w" + id, KeyReader.Kind.ANY)).as("w" + id).containsExactly(id);
        }
        List<Long> all = new ArrayList<>();
        kit.store.index().visit(KeyHash.of("orders", "all"), 0, Long.MAX_VALUE, all::add);
        assertThat(all).as("each once, newest first").hasSize(left.size());
        for (int i = 1; i < all.size(); i++) assertThat(all.get(i)).isLessThan(all.get(i - 1));
    }

    /** Prints how long it takes; time is no assertion. */
    @Test
    void answersWhetherAMessageWasSentOnAMillionKeys() {
        StoreKit large = new StoreKit();
        large.store.close();
        large.disk = new io.vostok.store.file.SimDisk();
        large.disk.fillUp(1L << 30);
        KeyIndex index = KeyIndex.open(large.disk, StoreEvents.NONE, 250_000, 1_100_000, 0, 0, false, 0);
        int topic = KeyHash.ofTopic("orders".getBytes(StandardCharsets.UTF_8), 6);
        int count = 1_000_000;
        for (int i = 0; i < count; i++) {
            byte[] text = properties(uniqueId(i), "").getBytes(StandardCharsets.UTF_8);
            if (!index.add(topic, text, text.length, i * 200L, StoreKit.NOW)) {
                assertThat(index.makeRoom(StoreKit.NOW)).isTrue();
                index.add(topic, text, text.length, i * 200L, StoreKit.NOW);
            }
            index.indexed(i * 200L);
        }
        long[] found = {0};
        long start = System.nanoTime();
        int questions = 20_000;
        Random random = new Random(1);
        for (int q = 0; q < questions; q++) {
            int i = random.nextInt(count);
            index.visit(KeyHash.of("orders", uniqueId(i)), 0, Long.MAX_VALUE, position -> {
                if (position != i * 200L) return true;
                found[0]++;
                return false;
            });
        }
        long nanos = (System.nanoTime() - start) / questions;
        System.out.println("key index: 1,000,000 keys, " + nanos + " ns a question on a simulated disk");

        assertThat(found[0]).isEqualTo(questions);
        index.close();
        large.open();
    }

    private static String uniqueId(int i) {
        return String.format("7F00000100002A139A55%012X", i * 31L);
    }

    private Stored append(String body, String id, String words) {
        Stored stored = kit.append(QUEUE, body, properties(id, words), 0);
        dispatchKeys();
        return stored;
    }

    private static String properties(String id, String words) {
        return "UNIQ_KEY\1" + id + "\2" + (words.isEmpty() ? "" : "KEYS\1" + words + "\2");
    }

    private void dispatchKeys() {
        dispatchKeys(kit);
    }

    private static void dispatchKeys(StoreKit kit) {
        do {
            kit.dispatch();
        } while (kit.store.housekeeping().makeIndexRoom(kit.clock.wallMillis()));
    }

    private List<String> find(String key) {
        return find(key, KeyReader.Kind.ANY);
    }

    private List<String> find(String key, KeyReader.Kind kind) {
        return find(kit, key, kind);
    }

    private static List<String> find(StoreKit kit, String key, KeyReader.Kind kind) {
        return bodies(kit.store.keys().find("orders", key, kind, 0, Long.MAX_VALUE, 1_000, 1 << 20));
    }

    private List<String> find(String key, long begin, long end) {
        return bodies(kit.store.keys().find("orders", key, KeyReader.Kind.ANY, begin, end, 1_000, 1 << 20));
    }

    private static List<String> bodies(KeyReader.Found found) {
        List<String> bodies = new ArrayList<>();
        for (ByteBuffer record : found.records()) {
            bodies.add(StandardCharsets.UTF_8
                    .decode(new RecordView().wrap(record, 0).body())
                    .toString());
        }
        return bodies;
    }
}
