package io.vostok.store;

import static io.vostok.store.StoreKit.queue;

import io.vostok.kit.Seeds;
import io.vostok.model.QueueId;
import io.vostok.store.dedupe.RepeatKeys;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random histories of sends that come again, against a map: same and other bodies under few ids, batches, other queues,
 * time, kills, power cuts. A message that was never stored is never answered as if it were, and one that comes again within
 * the window is never stored again.
 *
 * <p>{@code -Dsim.seed=N} repeats one history; {@code -Dsim.rounds=N} sets how many are tried.
 */
class RepeatSim {
    private static final int STEPS = 120;
    private static final Duration WINDOW = Duration.ofSeconds(100);
    /** Ages are kept in 64 ms; nothing is asserted so near to the end of the window. */
    private static final long UNSURE_NANOS = 200_000_000;

    @Test
    void storesEachMessageOnce() {
        Seeds.run(RepeatSim.class, 300, seed -> new History(seed).run());
    }

    /** Where a message went, and when it was told. */
    private record Known(Stored stored, int queueId, long nanos) {}

    private static final class History {
        private final Random random;
        private final StoreKit kit = new StoreKit();
        private final Map<String, Known> known = new HashMap<>();
        /** The newest message of each key: an older one under the same id need not be known any more. */
        private final Map<String, String> newest = new HashMap<>();
        /** Where the newest message inside a batch with each key is: a restart takes it for the newest of its key. */
        private final Map<String, Long> inner = new HashMap<>();

        private RecentSends recent;

        History(long seed) {
            random = Seeds.random(seed);
            recent = learned();
        }

        void run() {
            for (int i = 0; i < STEPS; i++) {
                switch (random.nextInt(12)) {
                    case 0 -> kit.clock.advance(Duration.ofMillis(random.nextInt(60_000)));
                    case 1 -> kit.clock.stepWall(Duration.ofSeconds(random.nextInt(20)));
                    case 2 -> kit.dispatch();
                    case 3 -> {
                        kit.store.housekeeping().makeIndexRoom(kit.clock.wallMillis());
                        kit.store.flusher().flush();
                        kit.store.flusher().checkpoint();
                    }
                    case 4 -> restart();
                    default -> send();
                }
            }
        }

        private void restart() {
            switch (random.nextInt(3)) {
                case 0 -> kit.reopen();
                case 1 -> kit.killAndReopen();
                default -> {
                    kit.cutPowerAndReopen(random);
                    long end = kit.store.watermarks().appended();
                    known.values().removeIf(each -> each.stored().endPosition() > end);
                }
            }
            // A restart knows ages by the wall clock only.
            known.replaceAll((message, each) -> new Known(
                    each.stored(),
                    each.queueId(),
                    kit.clock.monotonicNanos()
                            - Math.max(0, kit.clock.wallMillis() - each.stored().storeMillis()) * 1_000_000));
            newest.entrySet().removeIf(each -> {
                @Nullable Known head = known.get(each.getValue());
                return head == null
                        || inner.getOrDefault(each.getKey(), -1L)
                                > head.stored().position();
            });
            recent = learned();
        }

        private void send() {
            String topic = random.nextBoolean() ? "a" : "b";
            QueueId queue = queue(topic, random.nextInt(3));
            int count = random.nextInt(4) == 0 ? 2 + random.nextInt(2) : 1;
            int id = random.nextInt(6);
            int variant = random.nextInt(3);
            ByteBuffer encoded = encoded(queue, id, variant, count);
            long nanos = kit.clock.monotonicNanos();
            long key = key(topic, "id" + id);
            String message = topic + id + "/" + variant + "x" + count;

            @Nullable FirstSend first = recent.first(key, encoded, count, nanos);

            @Nullable Known before = known.get(message);
            if (first != null) {
                that(isTrulyThere(first, encoded, count), message + " was taken for another: " + first);
                if (before != null && message.equals(newest.get(topic + id))) {
                    that(first.equals(new FirstSend(before.stored(), before.queueId())), message + " " + first);
                }
                return;
            }
            boolean inWindow = before != null && nanos - before.nanos() < WINDOW.toNanos() - UNSURE_NANOS;
            that(!inWindow || !message.equals(newest.get(topic + id)), message + " would be stored twice");
            kit.store.housekeeping().makeRoom();
            Stored stored = kit.store.log().append(queue, encoded, count, kit.clock.wallMillis());
            recent.remember(key, stored.position(), nanos);
            known.put(message, new Known(stored, queue.index(), nanos));
            newest.put(topic + id, message);
            for (int i = 1; i < count; i++) inner.put(topic + (id + i), stored.position() + 1);
        }

        /** Reads the log, and not what the test remembers: after a restart parts of batches are known one by one. */
        private boolean isTrulyThere(FirstSend first, ByteBuffer encoded, int count) {
            long position = first.stored().position();
            int mine = encoded.position();
            for (int i = 0; i < count; i++) {
                int size = encoded.getInt(mine);
                ByteBuffer copy = ByteBuffer.allocate(size);
                if (kit.store.view().sizeBytes(position) != size
                        || !kit.store.view().copy(position, size, copy)) {
                    return false;
                }
                // Bodies and properties begin behind the fixed fields and end before the checksum's digits.
                int from = 84;
                if (!copy.slice(from, size - from - 11).equals(encoded.slice(mine + from, size - from - 11)))
                    return false;
                position += size;
                mine += size;
            }
            return position == first.stored().endPosition();
        }

        /** The ids of a batch follow one another, so that batches overlap with single messages. */
        private static ByteBuffer encoded(QueueId queue, int id, int variant, int count) {
            ByteBuffer batch = ByteBuffer.allocate(16 * 1024);
            for (int i = 0; i < count; i++) {
                String body = "body " + variant + " of " + (id + i);
                batch.put(StoreKit.record(queue, body, "UNIQ_KEY\1id" + (id + i) + "\2", 0));
            }
            return batch.flip();
        }

        private long key(String topic, String id) {
            byte[] name = topic.getBytes(StandardCharsets.UTF_8);
            RepeatKeys keys = recent.keys();
            return keys.of(keys.ofTopic(name, 0, name.length), id);
        }

        private RecentSends learned() {
            return kit.store.recentSends(WINDOW, 10_000, random.nextLong());
        }

        private static void that(boolean holds, String otherwise) {
            if (!holds) throw new AssertionError(otherwise);
        }
    }
}
