package io.vostok.front.remoting;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.vostok.broker.pull.PullAnswer;
import io.vostok.service.Broker;
import io.vostok.service.PullListener;
import io.vostok.store.ReadResult;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.CommandReader;
import io.vostok.wire.frame.Encoding;
import io.vostok.wire.frame.FrameBuilder;
import io.vostok.wire.frame.FrameLimits;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PullCommandsTest {
    private final CommandReader reader = new CommandReader(FrameLimits.DEFAULT);
    private boolean takesAnswers = true;
    private final RecordedConnection connection = new RecordedConnection() {
        @Override
        public boolean isWritable() {
            return takesAnswers;
        }
    };
    private final PullCommands pulls = new PullCommands(foundUpTo(9));

    @Test
    void givesMessagesToAPeerThatTakesItsAnswers() {
        pulls.pull(pullFrom(5), connection);

        Command answer = answer();
        assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(answer.fields().text("nextBeginOffset")).isEqualTo("9");
    }

    @Test
    void letsAPeerThatDoesNotTakeItsAnswersPullTheSameOffsetAgain() {
        takesAnswers = false;

        pulls.pull(pullFrom(5), connection);

        Command answer = answer();
        assertThat(answer.code()).isEqualTo(ResponseCode.PULL_RETRY_IMMEDIATELY);
        assertThat(answer.fields().text("nextBeginOffset")).isEqualTo("5");
    }

    private Command answer() {
        assertThat(connection.frames).hasSize(1);
        ByteBuf frame = connection.frames.get(0);
        byte[] bytes = new byte[frame.readableBytes()];
        frame.getBytes(frame.readerIndex(), bytes);
        return read(bytes);
    }

    private Command read(byte[] frame) {
        return reader.read(frame[4], ByteBuffer.wrap(Arrays.copyOfRange(frame, 8, frame.length)));
    }

    private Command pullFrom(long offset) {
        return read(new FrameBuilder()
                .request(Encoding.JSON, 1, 11, false)
                .field("consumerGroup", "billing")
                .field("topic", "orders")
                .field("queueId", 0)
                .field("queueOffset", offset)
                .field("maxMsgNums", 32)
                .field("sysFlag", 4)
                .field("commitOffset", 0)
                .field("suspendTimeoutMillis", 0)
                .field("subVersion", 0)
                .toFrame(null));
    }

    /** A broker that finds messages before {@code end} for every pull. */
    private static Broker foundUpTo(long end) {
        return (Broker) Proxy.newProxyInstance(
                Broker.class.getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("pull")) throw new AssertionError(method);
                    PullAnswer found = new PullAnswer(PullAnswer.Outcome.FOUND, end, false);
                    ((PullListener) arguments[2]).answered(found, new ReadResult(), 0, 0);
                    return null;
                });
    }
}
