package io.vostok.store.timer;

import io.vostok.bench.PerOperation;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One timer added to those that are due soon, and the earliest taken. */
@State(Scope.Thread)
public class TimerHeapBenchmark extends PerOperation {
    private static final int SPREAD_MILLIS = 120_000;

    @Param({"1000", "100000", "1000000"})
    private int waiting;

    private final TimerHeap heap = new TimerHeap();
    private long seed = 42;
    private long offset;

    @Setup
    public void fill() {
        for (int i = 0; i < waiting; i++) add();
    }

    @Benchmark
    public long addAndTake() {
        add();
        long due = heap.firstDueMillis();
        heap.removeFirst();
        return due;
    }

    private void add() {
        seed = seed * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
        heap.add((seed >>> 33) % SPREAD_MILLIS + offset / 1000, false, offset++, 0);
    }
}
