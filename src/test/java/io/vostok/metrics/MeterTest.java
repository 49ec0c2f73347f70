package io.vostok.metrics;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MeterTest {
    private static final long SECOND = 1_000_000_000L;

    private final Meter meter = new Meter(3, 0);
    private final Tally tally = meter.tally();

    @Test
    void sumsTheTalliesOfAllThreads() {
        tally.add("t", "g", 2, 20);
        meter.tally().add("t", "g", 3, 30);

        assertThat(meter.total("t", "g")).isEqualTo(new Meter.Total(5, 50));
        assertThat(meter.total()).isEqualTo(new Meter.Total(5, 50));
        assertThat(meter.totals()).isEqualTo(Map.of(new Meter.Key("t", "g"), new Meter.Total(5, 50)));
    }

    @Test
    void tellsTheRateOfTheLastMinuteAndOfTheDay() {
        for (int tick = 1; tick <= 30; tick++) {
            tally.add("t", "g", 10, 100);
            meter.sample(10L * tick * SECOND);
        }
        tally.add("t", "g", 5, 50);

        Rates rates = requireNonNull(meter.rates("t", "g", 305 * SECOND));

        assertThat(rates.minute()).isEqualTo(new Rate(65, 650, 65));
        assertThat(rates.minute().perSecond()).isEqualTo(1, within(0.001));
        assertThat(rates.minute().bytesEach()).isEqualTo(10, within(0.001));
        assertThat(rates.hour()).isEqualTo(new Rate(305, 3050, 305));
        assertThat(rates.day()).isEqualTo(new Rate(305, 3050, 305));
        assertThat(meter.lately(10, 305 * SECOND)).isEqualTo(new Rate(15, 150, 15));
        assertThat(meter.lately(600, 305 * SECOND)).isEqualTo(new Rate(305, 3050, 305));
    }

    @Test
    void forgetsWhatIsOlderThanAnHourInTheRateOfTheHour() {
        tally.add("t", "g", 1_000, 0);
        for (int tick = 1; tick <= 2 * 360; tick++) meter.sample(10L * tick * SECOND);
        tally.add("t", "g", 7, 0);

        Rates rates = requireNonNull(meter.rates("t", "g", 7_205 * SECOND));

        assertThat(rates.minute().messages()).isEqualTo(7);
        assertThat(rates.hour()).isEqualTo(new Rate(7, 0, 3_605));
        assertThat(rates.day().messages()).isEqualTo(1_007);
    }

    @Test
    void countsAPairThatCameLateFromItsStart() {
        for (int tick = 1; tick <= 400; tick++) meter.sample(10L * tick * SECOND);
        tally.add("late", "", 3, 30);
        meter.sample(4_010 * SECOND);

        Rates rates = requireNonNull(meter.rates("late", "", 4_015 * SECOND));

        assertThat(rates.hour().messages()).isEqualTo(3);
    }

    @Test
    void knowsNothingOfAPairThatWasNeverCounted() {
        assertThat(meter.rates("t", "g", SECOND)).isNull();
        assertThat(meter.lately(10, 0)).isEqualTo(Rate.NONE);
    }

    @Test
    void countsPairsBeyondTheMostInTheTotalOnly() {
        for (String topic : new String[] {"a", "b", "c", "d"}) tally.add(topic, "", 1, 1);

        assertThat(meter.total()).isEqualTo(new Meter.Total(4, 4));
        assertThat(meter.total("d", "")).isNull();
    }

    @Test
    void forgetsAPairWhoseTopicIsGoneAndCountsItsNextLifeAnew() {
        tally.add("t", "g", 1, 1);
        tally.add("t", "h", 1, 1);
        meter.sample(10 * SECOND);

        meter.forget((topic, group) -> group.equals("h"));
        tally.add("t", "h", 2, 2);

        assertThat(meter.total("t", "h")).isEqualTo(new Meter.Total(2, 2));
        assertThat(meter.total("t", "g")).isEqualTo(new Meter.Total(1, 1));
    }

    @Test
    void tellsTheSizesOfMessages() {
        Meter sized = new Meter(3, 0, 10, 100);
        Tally one = sized.tally();
        one.add("t", "", 1, 10);
        one.add("t", "", 4, 200);
        sized.tally().add("t", "", 1, 101);
        one.add("u", "", 1, 5);

        sized.forget((topic, group) -> topic.equals("u"));

        assertThat(sized.sizes())
                .isEqualTo(Map.of(new Meter.Key("t", ""), new Distribution(new long[] {1, 4, 1}, 311)));
        tally.add("t", "g", 1, 10);
        assertThat(meter.sizes()).isEmpty();
    }

    @Test
    void keepsTheTotalsOfTheMorning() {
        DayTotals days = new DayTotals(100);

        days.at(100, 5);
        assertThat(days.todayMorning()).isZero();
        days.at(101, 7);
        days.at(101, 9);
        assertThat(days.todayMorning()).isEqualTo(7);
        assertThat(days.yesterdayMorning()).isZero();
        days.at(102, 20);
        assertThat(days.todayMorning()).isEqualTo(20);
        assertThat(days.yesterdayMorning()).isEqualTo(7);
        days.at(99, 30);
        assertThat(days.todayMorning()).isEqualTo(20);
    }

    @Test
    void tellsHowLongThingsTook() {
        Durations durations = new Durations();
        durations.add(20_000, 98);
        durations.add(3_000_000, 1);
        durations.add(700_000_000, 1);

        assertThat(durations.between(0, 1)).isEqualTo(98);
        assertThat(durations.between(1, 10)).isEqualTo(1);
        assertThat(durations.between(500, 1_000)).isEqualTo(1);
        assertThat(durations.longestMillis()).isEqualTo(700);
        assertThat(durations.quantileMillis(0.98)).isEqualTo(0.05);
        assertThat(durations.quantileMillis(0.99)).isEqualTo(5);
        assertThat(durations.quantileMillis(0.999)).isEqualTo(1_000);
    }
}
