package io.vostok.bench;

import io.vostok.bench.Plan.Mode;
import io.vostok.wire.frame.Encoding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A load on both rivals.
 *
 * @param preload messages with bodies of {@code content}'s size that are in the topic before
 * @param syncFlush whether a send is answered only once it is forced to disk
 */
record Case(
        String name, Mode mode, Plan.Load load, Plan.Content content, @Nullable String sql, long preload, boolean syncFlush) {
    private static final String TOPIC = "bench";
    private static final int QUEUES = 8;

    /** Returns every load there is; {@code backlog} is how many messages those find that read. */
    static List<Case> all(long backlog) {
        List<Case> cases = new ArrayList<>();
        for (int size : new int[] {128, 1024}) {
            cases.add(send("sync-64-" + size, 64, 1, size));
            cases.add(send("sync-1-" + size, 1, 1, size));
            for (int connections : new int[] {1, 4, 16}) {
                cases.add(send("pipelined-" + connections + "-" + size, connections, 64, size));
            }
        }
        for (int connections : new int[] {10, 100, 1_000, 10_000}) {
            cases.add(send("growth-" + connections, connections, 1, 128));
        }
        cases.add(new Case("batch-32", Mode.SEND, load(4, 8, 0), new Plan.Content(128, 32, 0), null, 0, false));
        cases.add(new Case("sync-flush-64", Mode.SEND, load(64, 1, 0), one(1024), null, 0, true));
        cases.add(new Case("drain", Mode.PULL, load(1, 8, 0), one(1024), null, backlog, false));
        cases.add(new Case("sql", Mode.PULL, load(1, 8, 0), one(1024), "n > 4", backlog, false));
        cases.add(new Case("pop-ack", Mode.POP, load(4, 16, 0), one(128), null, backlog, false));
        cases.add(new Case("both-50000", Mode.END_TO_END, load(1, 1024, 50_000), one(1024), null, 0, false));
        cases.add(new Case("end-to-end-1000", Mode.END_TO_END, load(1, 64, 1_000), one(1024), null, 0, false));
        cases.add(new Case("transactions", Mode.TRANSACTION, load(16, 4, 0), one(128), null, 0, false));
        cases.add(new Case("delay", Mode.SEND, load(16, 4, 0), new Plan.Content(128, 1, 1), null, 0, false));
        cases.add(new Case("hold-10000", Mode.HOLD, load(10_000, 1, 0), one(128), null, 0, false));
        return cases;
    }

    private static Case send(String name, int connections, int inFlight, int size) {
        return new Case(name, Mode.SEND, load(connections, inFlight, 0), one(size), null, 0, false);
    }

    private static Plan.Load load(int connections, int inFlight, double rate) {
        return new Plan.Load(connections, inFlight, rate, Encoding.JSON);
    }

    private static Plan.Content one(int bodyBytes) {
        return new Plan.Content(bodyBytes, 1, 0);
    }

    Plan plan(String nameServer, Plan.Span span) {
        return new Plan(mode, aim(nameServer), load, content, new Plan.Take(32, sql), span);
    }

    /** Returns a plan that sends as fast as it can for {@code time}. */
    Plan filling(String nameServer, Duration time) {
        return new Plan(
                Mode.SEND,
                aim(nameServer),
                load(4, 64, 0),
                one(content.bodyBytes()),
                new Plan.Take(32, null),
                new Plan.Span(Duration.ZERO, time));
    }

    private static Plan.Aim aim(String nameServer) {
        return new Plan.Aim(nameServer, TOPIC, QUEUES);
    }
}
