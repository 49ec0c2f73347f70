package io.vostok.metrics;

import io.vostok.bench.PerOperation;
import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What an answer pays to be measured, and what a message pays for its size. */
@State(Scope.Thread)
public class CallTimesBenchmark extends PerOperation {
    private static final int TICK = 16;

    private final CallTimes times = new Calls().times();
    private final Tally plain = new Meter(1_000, 0).tally();
    private final Tally sized = new Meter(1_000, 0, Figure.MESSAGE_SIZE.limits()).tally();

    /** A tick that answers sends and pulls in turn. */
    @Benchmark
    @OperationsPerInvocation(TICK)
    public void answersOfATick() {
        long since = System.nanoTime();
        for (int i = 0; i < TICK; i += 2) {
            times.answered(RequestCode.SEND_MESSAGE_V2, ResponseCode.SUCCESS, false, since);
            times.answered(RequestCode.PULL_MESSAGE, ResponseCode.PULL_NOT_FOUND, true, since - 3_000_000);
        }
        times.sent(System.nanoTime());
    }

    /** A tick with one answer: the clock is its own. */
    @Benchmark
    public void theOnlyAnswerOfATick() {
        times.answered(RequestCode.SEND_MESSAGE_V2, ResponseCode.SUCCESS, false, 0);
        times.sent(System.nanoTime());
    }

    @Benchmark
    public void messageWithoutSize() {
        plain.add("orders", Tally.NO_GROUP, 1, 1_200);
    }

    @Benchmark
    public void messageWithSize() {
        sized.add("orders", Tally.NO_GROUP, 1, 1_200);
    }
}
