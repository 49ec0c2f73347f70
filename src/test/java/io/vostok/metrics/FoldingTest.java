package io.vostok.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FoldingTest {
    private static final List<String> OTHERS = List.of("other", "other", "false");
    private static final List<String> OTHER = List.of("other", "other", "false");

    private final Folding folding = new Folding(2);

    @Test
    void leavesFewSeriesAlone() {
        Reading all = topics(5, 3);

        assertThat(folding.fold(all).values()).isEqualTo(all.values());
    }

    @Test
    void namesTheLargestAndSumsUpTheRest() {
        Reading few = folding.fold(topics(5, 3, 9, 1));

        assertThat(counted(few)).isEqualTo(Map.of(topic(2), 9.0, topic(0), 5.0, OTHER, 4.0));
        assertThat(few.values().get(Figure.FOLDED)).isEqualTo(Map.of(List.of("rocketmq_messages_in_total"), 2.0));
    }

    @Test
    void aCounterKeepsItsNameWhenAnotherOvertakesIt() {
        folding.fold(topics(5, 3, 1));

        Reading later = folding.fold(topics(6, 4, 100));

        assertThat(counted(later)).isEqualTo(Map.of(topic(0), 6.0, topic(1), 4.0, OTHER, 100.0));
    }

    @Test
    void theSumOfTheOthersNeverFalls() {
        folding.fold(topics(5, 3, 2));
        Reading withoutFirst = new Reading();
        withoutFirst.add(Figure.MESSAGES_IN, 3, topic(1));
        withoutFirst.add(Figure.MESSAGES_IN, 2, topic(2));

        Reading named = folding.fold(withoutFirst);

        assertThat(counted(named)).isEqualTo(Map.of(topic(1), 3.0, topic(2), 2.0, OTHER, 2.0));
    }

    @Test
    void aGaugeNamesWhatIsLargestNow() {
        folding.fold(deadLetters(5, 3, 1));

        Reading later = folding.fold(deadLetters(5, 3, 100));

        assertThat(later.values().get(Figure.DEAD_LETTERS))
                .isEqualTo(Map.of(List.of("g2"), 100.0, List.of("g0"), 5.0, List.of("other"), 3.0));
    }

    @Test
    void sumsUpTheHistogramsThatAreCountedLeastAndNeverTakesBack() {
        Reading few = folding.fold(sizes(5, 3, 9, 1));

        assertThat(few.distributions().get(Figure.MESSAGE_SIZE))
                .isEqualTo(Map.of(topic(0), size(5), topic(2), size(9), OTHERS, size(4)));
        assertThat(few.values().get(Figure.FOLDED)).isEqualTo(Map.of(List.of("rocketmq_message_size"), 2.0));

        Reading withoutLast = folding.fold(sizes(5, 3, 9));

        assertThat(withoutLast.distributions().get(Figure.MESSAGE_SIZE)).containsEntry(OTHERS, size(4));
    }

    @Test
    void refusesAHistogramWithOtherClasses() {
        Distribution two = new Histogram(1).read();

        assertThatThrownBy(() -> new Reading().add(Figure.MESSAGE_SIZE, two, topic(0)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Reading().add(Figure.MESSAGE_SIZE, 1, topic(0)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Reading sizes(int... messages) {
        Reading reading = new Reading();
        for (int i = 0; i < messages.length; i++) reading.add(Figure.MESSAGE_SIZE, size(messages[i]), topic(i));
        return reading;
    }

    /** So many messages of 2 KiB. */
    private static Distribution size(int messages) {
        Histogram histogram = new Histogram(Figure.MESSAGE_SIZE.limits());
        histogram.add(2_048, messages);
        return histogram.read();
    }

    @Test
    void refusesLabelsThatTheFigureDoesNotHave() {
        assertThatThrownBy(() -> new Reading().add(Figure.TOPICS, 1, "orders"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Map<List<String>, Double> counted(Reading reading) {
        return reading.values().getOrDefault(Figure.MESSAGES_IN, Map.of());
    }

    private static List<String> topic(int number) {
        return List.of("t" + number, "normal", "false");
    }

    private static Reading topics(long... messages) {
        Reading reading = new Reading();
        for (int i = 0; i < messages.length; i++) reading.add(Figure.MESSAGES_IN, (double) messages[i], topic(i));
        return reading;
    }

    private static Reading deadLetters(long... messages) {
        Reading reading = new Reading();
        for (int i = 0; i < messages.length; i++) reading.add(Figure.DEAD_LETTERS, messages[i], "g" + i);
        return reading;
    }
}
