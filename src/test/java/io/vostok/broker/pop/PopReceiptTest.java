package io.vostok.broker.pop;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.model.GroupName;
import io.vostok.model.TopicName;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PopReceiptTest {
    private static final GroupName GROUP = new GroupName("my_group");
    private static final TopicName TOPIC = new TopicName("my_topic");

    @Test
    void isTheTextThatApachesClientParses() {
        PopReceipt receipt = new PopReceipt(17, 1_700_000_000_000L, 60_000, 3, 1, "broker-a", 0, 19);

        assertThat(receipt.text()).isEqualTo("17 1700000000000 60000 3 1 broker-a 0 19");
        assertThat(PopReceipt.parse(receipt.text(), 19).value()).isEqualTo(receipt);
    }

    @Test
    void readsSevenFieldsAndNineFields() {
        assertThat(PopReceipt.parse("17 1 2 3 0 b 0", 19).value().offset()).isEqualTo(19);
        assertThat(PopReceipt.parse("17 1 2 3 0 b 0 18 4096", 19).value().offset())
                .isEqualTo(18);
    }

    @Test
    void refusesWhatIsNoReceipt() {
        for (String text : new String[] {"", "17", "17 1 2 3 0 b", "x 1 2 3 0 b 0 19", "1 ".repeat(600)}) {
            Refused refused = Objects.requireNonNull(PopReceipt.parse(text, 0).refused());
            assertThat(refused.refusal()).as("`%s`", text).isEqualTo(Refusal.INVALID_ARGUMENT);
        }
    }

    @Test
    void writesTheOffsetsOfAnAnswer() {
        PopOffsets offsets = new PopOffsets();
        offsets.queue(PopTopics.NORMAL, 3, 17);
        offsets.message(17);
        offsets.message(19);
        offsets.queue(PopTopics.RETRY_V1, 0, 5);
        offsets.message(6);

        assertThat(offsets.startOffsetInfo()).isEqualTo("0 3 17;1 0 5");
        assertThat(offsets.msgOffsetInfo()).isEqualTo("0 3 17,19;1 0 6");
        assertThat(offsets.orderCountInfo()).isEmpty();
    }

    @Test
    void writesHowOftenMessagesInOrderWereGivenOut() {
        PopOffsets offsets = new PopOffsets();
        offsets.queue(PopTopics.NORMAL, 3, 17);
        offsets.message(17);
        offsets.attempts(3, 17, 2);
        offsets.message(18);
        offsets.attempts(3, 18, 0);
        offsets.leastAttempts(3, 0);

        assertThat(offsets.orderCountInfo()).isEqualTo("0 qo3%17 2;0 3 0");
    }

    @Test
    void namesRetryTopicsAndFindsTheTopicBehindThem() {
        assertThat(PopTopics.retryV1(GROUP, TOPIC)).hasToString("%RETRY%my_group_my_topic");
        assertThat(PopTopics.retryV2(GROUP, TOPIC)).hasToString("%RETRY%my_group+my_topic");
        assertThat(PopTopics.original("%RETRY%my_group_my_topic", GROUP)).isEqualTo("my_topic");
        assertThat(PopTopics.original("%RETRY%my_group+my_topic", GROUP)).isEqualTo("my_topic");
        assertThat(PopTopics.original("my_topic", GROUP)).isEqualTo("my_topic");
        assertThat(PopTopics.isRetry("%RETRY%my_group", GROUP))
                .as("the classic one")
                .isFalse();
        assertThat(PopTopics.retryV1(new GroupName("g".repeat(200)), new TopicName("t".repeat(100))))
                .as("too long a name")
                .isNull();
    }
}
