package io.vostok.wire.body;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.wire.Allocation;
import io.vostok.wire.HexDump;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Broken bodies end in BadBodyException and nothing else, and cost memory in proportion to their length. Repeat with {@code -Dfuzz.seed}, search with
 * {@code -Dfuzz.rounds}.
 */
final class BodyFuzzTest {
    private static final int ROUNDS = Integer.getInteger("fuzz.rounds", 200_000);
    /** A tree of JSON takes some dozens of bytes for each of its characters; inflating takes buffers of its own. */
    private static final long MOST_ALLOCATED = 128 << 10;

    private static final long MOST_ALLOCATED_PER_BYTE = 256;

    private static final long SEED = Long.getLong("fuzz.seed", 20261121L);

    private static final List<Consumer<ByteBuffer>> READERS = List.of(
            HeartbeatData::read,
            SubscriptionData::read,
            ConsumerIdList::read,
            CheckClientConfig::read,
            LockBatch::read,
            LockBatchResult::read,
            TopicRoute::read,
            ClusterInfo::read,
            TopicList::read,
            KeyValueTable::read,
            body -> RegisterBroker.read(body, false),
            body -> RegisterBroker.read(body, true),
            body -> RegisterBroker.read(ByteBuffer.wrap(Inflation.deflate(bytes(body))), true),
            TopicConfigTable::read,
            SubscriptionGroupTable::read,
            ConsumerOffsetTable::read,
            DelayOffsetTable::read,
            BrokerMemberGroup::read,
            QueueOffsets::read,
            TopicStats::read,
            ConsumeStats::read,
            DataVersionJson::read,
            TopicJson::read,
            ConsumerGroupJson::read,
            PopCheckpointBody::read,
            PopAckBody::read,
            PopOrderBody::read,
            PropertiesText::read);

    @Test
    void onlyBadBodyExceptionEscapes() {
        List<byte[]> bodies = List.of(
                HexDump.read("route-unquoted"),
                HexDump.read("queue-offsets"),
                HexDump.read("revive-order"),
                HexDump.read("register-broker-plain"),
                HexDump.read("register-broker-inflated"),
                HexDump.read("register-broker-compressed"),
                text(
                        "{\"clientID\":\"c\",\"consumerDataSet\":[{\"groupName\":\"g\",\"subscriptionDataSet\":[{\"topic\":\"T\"}]}]}"),
                text(
                        "{\"lockOKMQSet\":[{\"brokerName\":\"b\",\"topic\":\"t\"},{\"$ref\":\"$.lockOKMQSet[0]\"}],\"mqSet\":[]}"),
                text(
                        "{\"clientId\":\"c\",\"consumerGroup\":\"g\",\"onlyThisBroker\":false,\"mqSet\":[{\"brokerName\":\"b\",\"queueId\":3,\"topic\":\"t\"}]}"),
                text(
                        "{\"clientId\":\"c\",\"group\":\"g\",\"namespace\":\"\",\"subscriptionData\":{\"topic\":\"t\",\"subString\":\"a = 1\",\"expressionType\":\"SQL92\",\"subVersion\":7}}"),
                text(
                        "{\"subscriptionGroupTable\":{\"g\":{\"brokerId\":0,\"x\":{}}},\"forbiddenTable\":{\"g\":{\"t\":1}}}"),
                text(
                        "{\"offsetTable\":{\"T@G\":{0:12,1:7}},\"topicList\":[\"a\"],\"table\":{\"k\":\"v\"},\"groupName\":\"g\"}"));
        SplittableRandom random = new SplittableRandom(SEED);
        int read = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] body = mutant(bodies.get(random.nextInt(bodies.size())), random);
            int reader = random.nextInt(READERS.size());
            long before = Allocation.soFar();
            try {
                READERS.get(reader).accept(ByteBuffer.wrap(body));
                read++;
            } catch (BadBodyException e) {
                assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(600);
            } catch (RuntimeException e) {
                String shown = new String(body, StandardCharsets.UTF_8);
                throw new AssertionError(
                        "-Dfuzz.seed=" + SEED + " round " + round + " reader " + reader + ": " + shown, e);
            }
            long allocated = Allocation.soFar() - before;
            // The first rounds load classes.
            if (round > 5_000 && allocated > MOST_ALLOCATED + MOST_ALLOCATED_PER_BYTE * body.length)
                throw new AssertionError("-Dfuzz.seed=" + SEED + " round " + round + " reader " + reader + " allocated "
                        + allocated + " for " + body.length + " bytes");
        }
        assertThat(read).as("some mutants must still be readable").isPositive().isLessThan(ROUNDS);
    }

    private static byte[] mutant(byte[] original, SplittableRandom random) {
        byte[] body = original.clone();
        for (int i = random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(body.length);
            switch (random.nextInt(4)) {
                case 0 -> body[at] = (byte) random.nextInt(256);
                case 1 -> body[at] = (byte) "{}[]\",:\\$0-".charAt(random.nextInt(11));
                case 2 -> body = Arrays.copyOf(body, Math.max(1, at));
                default -> System.arraycopy(body, at / 2, body, at, Math.min(body.length - at, at - at / 2));
            }
        }
        return body;
    }

    private static byte[] bytes(ByteBuffer body) {
        byte[] bytes = new byte[body.remaining()];
        body.get(body.position(), bytes);
        return bytes;
    }

    private static byte[] text(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
