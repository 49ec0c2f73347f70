package io.vostok.metrics;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import org.junit.jupiter.api.Test;

class CallTimesTest {
    private static final long MILLI = 1_000_000;
    private static final int SEND = RequestCode.SEND_MESSAGE_V2;
    private static final int PULL = RequestCode.PULL_MESSAGE;

    private final Calls calls = new Calls();
    private final CallTimes times = calls.times();

    private Distribution of(int request, int response, boolean waited, boolean oneWay) {
        return requireNonNull(calls.totals().get(new Calls.Key(request, response, waited, oneWay)));
    }

    @Test
    void measuresAnAnswerWhenItIsSent() {
        times.answered(SEND, ResponseCode.SUCCESS, false, 100 * MILLI);
        times.answered(SEND, ResponseCode.SUCCESS, false, 106 * MILLI);
        assertThat(of(SEND, ResponseCode.SUCCESS, false, false).count()).isZero();

        times.sent(108 * MILLI);
        times.sent(5_000 * MILLI);

        assertThat(of(SEND, ResponseCode.SUCCESS, false, false))
                .isEqualTo(new Distribution(new long[] {0, 1, 0, 0, 1, 0, 0, 0, 0, 0}, 10));
    }

    @Test
    void tellsCodesWaitsAndOneWayRequestsApart() {
        times.answered(PULL, ResponseCode.SUCCESS, false, 0);
        times.answered(PULL, ResponseCode.SUCCESS, true, 0);
        times.answered(PULL, ResponseCode.PULL_NOT_FOUND, true, 0);
        times.sent(15_000 * MILLI);
        times.done(SEND, ResponseCode.SUCCESS, false, 7 * MILLI, 8 * MILLI);

        assertThat(calls.totals()).hasSize(4);
        assertThat(of(PULL, ResponseCode.PULL_NOT_FOUND, true, false).sum()).isEqualTo(15_000);
        assertThat(of(SEND, ResponseCode.SUCCESS, false, true))
                .isEqualTo(new Distribution(new long[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 1));
    }

    @Test
    void numbersThatAreNoRequestCodesMakeOneSeries() {
        for (int code = 1_000_000; code < 1_010_000; code++) {
            times.answered(code, ResponseCode.REQUEST_CODE_NOT_SUPPORTED, false, 0);
        }
        times.sent(MILLI);

        assertThat(calls.totals()).hasSize(1);
        assertThat(of(Calls.UNKNOWN, ResponseCode.REQUEST_CODE_NOT_SUPPORTED, false, false)
                        .count())
                .isEqualTo(10_000);
    }

    @Test
    void everyPairOfCodesIsCountedOnItsOwnHoweverMany() {
        for (int round = 0; round < 3; round++) {
            for (int response = 0; response < 200; response++) times.answered(SEND, response, false, 0);
        }
        times.sent(MILLI);

        assertThat(calls.totals())
                .hasSize(200)
                .allSatisfy((key, each) -> assertThat(each.count()).isEqualTo(3));
    }

    @Test
    void sumsUpTheLoops() {
        CallTimes other = calls.times();
        times.done(SEND, ResponseCode.SUCCESS, false, 0, MILLI);
        other.done(SEND, ResponseCode.SUCCESS, false, 0, 4 * MILLI);

        assertThat(of(SEND, ResponseCode.SUCCESS, false, true).sum()).isEqualTo(5);
    }

    @Test
    void aRequestReadAfterTheClockWasLookedAtTookNoTime() {
        times.done(SEND, ResponseCode.SUCCESS, false, 9, 8);

        assertThat(of(SEND, ResponseCode.SUCCESS, false, true).sum()).isZero();
    }
}
