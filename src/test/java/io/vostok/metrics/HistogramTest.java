package io.vostok.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HistogramTest {
    private final Histogram histogram = new Histogram(10, 100);

    @Test
    void countsAValueInTheClassThatItsLimitEnds() {
        histogram.add(0, 1);
        histogram.add(10, 1);
        histogram.add(11, 3);
        histogram.add(100, 1);
        histogram.add(101, 1);

        assertThat(histogram.read()).isEqualTo(new Distribution(new long[] {2, 4, 1}, 244));
        assertThat(histogram.read().count()).isEqualTo(7);
    }

    @Test
    void whatWasReadDoesNotGoOn() {
        histogram.add(5, 1);
        Distribution before = histogram.read();
        histogram.add(5, 1);
        before.counts()[0] = 7;

        assertThat(before).isEqualTo(new Distribution(new long[] {1, 0, 0}, 5));
    }

    @Test
    void tellsWhatIsMissingClassByClass() {
        Distribution before = new Distribution(new long[] {5, 1, 0}, 50);
        Distribution after = new Distribution(new long[] {2, 3, 0}, 40);

        assertThat(after.missingOf(before)).isEqualTo(new Distribution(new long[] {3, 0, 0}, 10));
        assertThat(after.plus(before)).isEqualTo(new Distribution(new long[] {7, 4, 0}, 90));
    }
}
