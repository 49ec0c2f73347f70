package io.vostok.broker.delay;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.DataVersion;
import io.vostok.model.MessageProperties;
import io.vostok.model.Permission;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Storage reference 9.11. */
class RecallRulesTest {
    private static final long NOW = 1_700_000_000_000L;
    private static final String ID = "0A000001000018B4AAC2000000000000";

    private final RecallRules rules = new RecallRules(true, Duration.ofDays(30), "broker-a");
    private final TopicTable topics = TopicTable.of(
            List.of(
                    Topic.of(new TopicName("T"), 1, Permission.READ_WRITE),
                    Topic.of(new TopicName("U"), 1, Permission.READ_WRITE)),
            new DataVersion(0, 0, 0));

    @Test
    void writesHandlesAsApacheDoes() {
        assertThat(new RecallHandle("T", "broker-a", 1_699_999_999_999L, ID).text())
                .isEqualTo("djEgVCBicm9rZXItYSAxNzAwMDAwMDAwMDAwIDBBMDAwMDAxMDAwMDE4QjRBQUMyMDAwMDAwMDAwMDAw");
        assertThat(RecallHandle.parse(
                        "djEgVCBicm9rZXItYSAxNzAwMDAwMDAwMDAwIDBBMDAwMDAxMDAwMDE4QjRBQUMyMDAwMDAwMDAwMDAw"))
                .isEqualTo(new RecallHandle("T", "broker-a", 1_699_999_999_999L, ID));
    }

    @Test
    void recallsWithAMessageThatWaitsForTheSameTime() {
        Ruling<RecallRules.Recall> ruling = decide("T", new RecallHandle("T", "broker-a", NOW + 5, ID).text());

        RecallRules.Recall recall = ruling.value();
        assertThat(recall.uniqueId()).isEqualTo(ID);
        assertThat(recall.send().topic()).isEqualTo("T");
        assertThat(recall.properties().get(MessageProperties.TIMER_DELIVER_MS)).isEqualTo("" + (NOW + 5));
        assertThat(recall.properties().get(MessageProperties.TIMER_DEL_UNIQKEY)).isEqualTo("T+" + ID);
        assertThat(recall.properties().get(MessageProperties.UNIQ_KEY)).isEqualTo(ID);
        assertThat(recall.properties().get(MessageProperties.TAGS)).isEqualTo("_RECALL_TAG_");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not base 64!",
                "v2 T broker-a 1700000000005 x",
                "v1 T broker-a 1700000000005",
                "v1 T broker-a soon x",
                "v1 T broker-a 1700000000005 ",
                "v1 T broker-a 1700000000005 a\u0001b",
                "v1 U broker-a 1700000000005 x",
                "v1 T broker-b 1700000000005 x",
                "v1 T broker-a 1700000000001 x",
                "v1 T broker-a 1702592000002 x",
                "v1 T broker-a 9223372036854775807 x",
                "v1 T broker-a -9223372036854775808 x"
            })
    void refusesHandlesThatNameNothingToRecall(String plain) {
        String handle = plain.startsWith("v")
                ? Base64.getUrlEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8))
                : plain;

        assertThat(refusal(decide("T", handle))).isEqualTo(Refusal.ILLEGAL_OPERATION);
    }

    @Test
    void refusesUnknownTopicsAndEverythingWhenOff() {
        String handle = new RecallHandle("T", "broker-a", NOW + 5, ID).text();

        assertThat(refusal(decide("missing", handle))).isEqualTo(Refusal.TOPIC_NOT_FOUND);
        RecallRules off = new RecallRules(false, Duration.ofDays(30), "broker-a");
        assertThat(refusal(off.decide("g", "T", handle, topics, NOW))).isEqualTo(Refusal.FORBIDDEN);
    }

    private Ruling<RecallRules.Recall> decide(String topic, String handle) {
        return rules.decide("g", topic, handle, topics, NOW);
    }

    private static Refusal refusal(Ruling<RecallRules.Recall> ruling) {
        Refused refused = Objects.requireNonNull(ruling.refused());
        return refused.refusal();
    }
}
