package io.vostok.store;

import io.vostok.bench.PerOperation;
import io.vostok.it.kit.Folders;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.file.MappedDisk;
import io.vostok.time.SystemClock;
import io.vostok.wire.record.RecordEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One record into the log, into its queue and the key index, and out of it again, on a mapped store in the build's folder. The room for
 * a segment is made ahead, outside of what is timed, as housekeeping does.
 */
@State(Scope.Benchmark)
public class StoreBenchmark extends PerOperation {
    private static final int SEGMENT = 256 << 20;
    private static final int READ_MESSAGES = 32;
    private static final byte[] HOST = {127, 0, 0, 1};
    private static final Arrivals NOBODY = (queue, nextOffset, tagsCode) -> {};

    @Param({"128", "1024"})
    private int bodyBytes;

    private final QueueId queue = new QueueId(new TopicName("bench"), 0);
    private final ReadResult result = new ReadResult();
    private final Path folder = Folders.make("store");
    private ByteBuffer record = ByteBuffer.allocate(0);
    private MessageStore store;

    @Setup(Level.Iteration)
    public void open() {
        StoreSettings settings = new StoreSettings(
                SEGMENT, 300_000, false, true, 4 << 20, Duration.ofMillis(1), -1, 0.98, 0.99, 1, 64 << 20, 50_000, 2_000_000);
        record = encoded();
        store = MessageStore.open(settings, new MappedDisk(folder), new SystemClock(), new StoreEvents() {
            @Override
            public void info(String line) {}

            @Override
            public void warn(String line) {
                throw new IllegalStateException(line);
            }
        });
        for (int i = 0; i < READ_MESSAGES; i++) append();
        dispatchAll();
    }

    @TearDown(Level.Iteration)
    public void close() {
        store.close();
        Folders.delete(folder);
    }

    @Benchmark
    public Stored append() {
        if (store.log().roomBytes() < 1 << 20) store.housekeeping().makeRoom();
        return store.log().append(queue, record, 1, System.currentTimeMillis());
    }

    /** The append and what is derived from it: the difference to {@link #append} is the dispatch. */
    @Benchmark
    public boolean appendAndDispatch() {
        append();
        return store.dispatcher().dispatch(1, NOBODY);
    }

    /** Finds 32 messages; their bytes are copied by the front, not here. */
    @Benchmark
    public int find32() {
        store.reader()
                .read(queue, 0, READ_MESSAGES, 1 << 20, READ_MESSAGES, RecordFilter.ALL, result);
        return result.count();
    }

    private void dispatchAll() {
        while (store.dispatcher().dispatch(1_000, NOBODY)) {
            // until nothing is left
        }
    }

    private ByteBuffer encoded() {
        byte[] properties = "UNIQ_KEY\u00017F0000010B9C0000000000000000ABCD\u0002WAIT\u0001true\u0002".getBytes(StandardCharsets.UTF_8);
        ByteBuffer target = ByteBuffer.allocateDirect(8 << 10);
        new RecordEncoder()
                .encode(
                        target,
                        0,
                        0,
                        0,
                        System.currentTimeMillis(),
                        HOST,
                        4000,
                        HOST,
                        10911,
                        0,
                        0,
                        ByteBuffer.allocate(bodyBytes),
                        "bench".getBytes(StandardCharsets.UTF_8),
                        properties,
                        0,
                        properties.length,
                        true);
        return target.flip();
    }
}
