package io.vostok.broker.flow;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.time.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WritePressureTest {
    private final ManualClock clock = new ManualClock(0);
    private final FlowKit.Marks marks = new FlowKit.Marks();
    private final FlowCounters counters = new FlowCounters();
    private boolean storeRefuses;

    private final WritePressure pressure = pressure(Duration.ZERO);

    @Test
    void takesWritesHoweverLongNothingWasWritten() {
        pass(Duration.ofHours(1));
        assertThat(pressure.refusal()).isNull();

        append(100);

        assertThat(pressure.refusal()).isNull();
    }

    @Test
    void refusesWhenTheOldestUnflushedAppendIsTooOldAndNamesItsAge() {
        append(100);
        pass(Duration.ofMillis(600));
        append(100);
        pass(Duration.ofMillis(401));

        Refused refused = requireNonNull(pressure.refusal());

        assertThat(refused.refusal()).isEqualTo(Refusal.BUSY);
        assertThat(refused.words()).startsWith("[REJECTREQUEST] the flush is 1001 ms behind (limits.flushLag 1000 ms)");
        assertThat(counters.of(FlowEvent.REFUSED_FLUSH_LAG)).isOne();
    }

    @Test
    void countsTheAgeOfWhatCameDuringAFlushFromTheBeginOfThatFlush() {
        append(100);
        long begun = clock.monotonicNanos();
        long target = marks.appended;
        pass(Duration.ofMillis(900));
        append(100);
        marks.flushed = target;
        pressure.flushed(begun);

        assertThat(pressure.refusal()).isNull();
        pass(Duration.ofMillis(101));
        assertThat(pressure.refusal()).as("the flush began 1001 ms ago").isNotNull();
        marks.flushed = marks.appended;
        assertThat(pressure.refusal()).isNull();
    }

    @Test
    void takesTheIntervalOfAsynchronousFlushesForNoDelay() {
        WritePressure asynchronous = pressure(Duration.ofMillis(500));
        asynchronous.appending(clock.monotonicNanos());
        marks.appended = 100;
        asynchronous.appended();

        pass(Duration.ofMillis(1_500));
        assertThat(asynchronous.refusal()).isNull();
        pass(Duration.ofMillis(1));
        assertThat(asynchronous.refusal()).isNotNull();
    }

    @Test
    void refusesWhenTooManyBytesAreNotFlushed() {
        append(10_000);
        assertThat(pressure.refusal()).isNull();
        append(1);

        Refused refused = requireNonNull(pressure.refusal());

        assertThat(refused.refusal()).isEqualTo(Refusal.BUSY);
        assertThat(refused.words()).contains("10001 bytes are not flushed yet (limits.unflushedBytes 10000)");
        assertThat(counters.of(FlowEvent.REFUSED_UNFLUSHED_BYTES)).isOne();
    }

    @Test
    void refusesWhileOneAppendIsUnderWayForTooLong() {
        pressure.appending(clock.monotonicNanos());
        pass(Duration.ofMillis(101));

        Refused refused = requireNonNull(pressure.refusal());

        assertThat(refused.words()).contains("one append has been under way for 101 ms (limits.appendStall 100 ms)");
        assertThat(counters.of(FlowEvent.REFUSED_APPEND_STALL)).isOne();
        pressure.appended();
        assertThat(pressure.refusal()).isNull();
    }

    @Test
    void leavesTheAnswerToAStoreThatTakesNothingAnyway() {
        append(1);
        pass(Duration.ofHours(1));
        storeRefuses = true;

        assertThat(pressure.refusal()).isNull();
    }

    private WritePressure pressure(Duration flushInterval) {
        return new WritePressure(
                new WriteLimits(Duration.ofSeconds(1), flushInterval, 10_000, Duration.ofMillis(100)),
                marks,
                clock,
                () -> storeRefuses,
                counters);
    }

    private void append(int bytes) {
        pressure.appending(clock.monotonicNanos());
        marks.appended += bytes;
        pressure.appended();
    }

    private void pass(Duration time) {
        clock.advance(time);
    }
}
