package io.vostok.broker.filter;

import io.vostok.bench.PerOperation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A condition held against the properties of a message. */
@State(Scope.Thread)
public class FilterBenchmark extends PerOperation {
    @Param({"n > 4", "region = 'eu' AND (price BETWEEN 10 AND 20 OR kind IN ('a', 'b')) AND gone IS NULL"})
    private String condition;

    private final ByteBuffer properties = ByteBuffer.wrap(
            "UNIQ_KEY\u00017F0000010B9C0000000000000000ABCD\u0002n\u00017\u0002region\u0001eu\u0002price\u000112.5\u0002kind\u0001c\u0002WAIT\u0001true\u0002"
                    .getBytes(StandardCharsets.UTF_8));
    private SqlFilter filter;

    @Setup
    public void compile() {
        filter = SqlFilter.of(condition).value();
    }

    @Benchmark
    public boolean matches() {
        return filter.matchesRecord(properties);
    }
}
