package io.vostok.wire.frame;

import io.vostok.bench.PerOperation;
import io.vostok.wire.RequestCode;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The header of a send, read, and the header of its answer, built. */
@State(Scope.Thread)
public class FrameBenchmark extends PerOperation {
    @Param({"JSON", "BINARY"})
    private Encoding encoding;

    private final CommandReader reader = new CommandReader(FrameLimits.DEFAULT);
    private final FrameBuilder builder = new FrameBuilder();
    private ByteBuffer header = ByteBuffer.allocate(0);
    private final byte[] properties = new byte[1 << 10];
    private int type;

    @Setup
    public void encode() {
        FrameBuilder request = new FrameBuilder()
                .request(encoding, 7, RequestCode.SEND_MESSAGE_V2, false)
                .field("a", "orders-producer")
                .field("b", "orders")
                .field("c", "TBW102")
                .field("d", 4)
                .field("e", 3)
                .field("f", 0)
                .field("g", 1_700_000_000_000L)
                .field("h", 0)
                .field("i", "UNIQ_KEY\u00017F0000010B9C0000000000000000ABCD\u0002WAIT\u0001true\u0002")
                .field("j", 0)
                .field("k", false)
                .field("m", false)
                .field("n", "broker-a");
        byte[] frame = request.toFrame(null);
        type = frame[4];
        header = ByteBuffer.wrap(frame, FrameLimits.PREFIX_BYTES, frame.length - FrameLimits.PREFIX_BYTES);
    }

    @Benchmark
    public int readSend() {
        Command command = reader.read(type, header);
        Fields fields = command.fields();
        int seen = fields.requireInt("d") + fields.requireInt("e") + fields.requireInt("f") + (int) fields.requireLong("g");
        seen += fields.requireInt("h") + fields.intOr("j", 0) + fields.intOr("l", 0);
        if (fields.flagOr("k", false) || fields.flagOr("m", false)) seen++;
        return seen + fields.utf8Bound("a") + fields.utf8Bound("b") + fields.copyUtf8("i", properties, 0);
    }

    @Benchmark
    public int buildAnswer() {
        return builder.response(encoding, 7, 0)
                .field("msgId", "7F00000100002A9F00000000000ABCDE")
                .field("queueId", 3)
                .field("queueOffset", 123_456)
                .field("transactionId", "7F0000010B9C0000000000000000ABCD")
                .field("MSG_REGION", "DefaultRegion")
                .field("TRACE_ON", "true")
                .end(0);
    }
}
