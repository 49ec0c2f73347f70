package io.vostok.it.kit;

import io.vostok.kit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Many connections with one waiting pull each, at the end of one queue. One thread. */
public final class HeldPulls implements AutoCloseable {
    /** An answer and how long after its request it came. */
    public record Answered(Wire.Answer answer, long afterMillis) {}

    private static final class Held {
        final SocketChannel channel;
        final ByteBuffer in = ByteBuffer.allocate(16 * 1024);
        long askedNanos;

        Held(SocketChannel channel) {
            this.channel = channel;
        }
    }

    private final Selector selector;
    private final List<Held> all = new ArrayList<>();
    private final List<Answered> answers = new ArrayList<>();

    public HeldPulls(int port, String topic, int queue, long offset, int count, long holdMillis) throws IOException {
        selector = Selector.open();
        for (int i = 0; i < count; i++) {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            Held held = new Held(channel);
            all.add(held);
            byte[] ask = Wire.frame(
                    11,
                    i,
                    0,
                    new byte[0],
                    "consumerGroup",
                    "held_group",
                    "topic",
                    topic,
                    "queueId",
                    "" + queue,
                    "queueOffset",
                    "" + offset,
                    "maxMsgNums",
                    "32",
                    "sysFlag",
                    "6",
                    "commitOffset",
                    "0",
                    "suspendTimeoutMillis",
                    "" + holdMillis,
                    "subscription",
                    "*",
                    "subVersion",
                    "0",
                    "expressionType",
                    "TAG");
            held.askedNanos = System.nanoTime();
            channel.write(ByteBuffer.wrap(ask));
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, held);
        }
    }

    /** Reads until {@code count} answers have come in all. */
    public void awaitAnswers(int count) {
        Await.until(count + " held pulls are answered", Duration.ofSeconds(60), () -> {
            poll();
            return answers.size() >= count;
        });
    }

    public List<Answered> answers() {
        return List.copyOf(answers);
    }

    private void poll() {
        try {
            selector.select(100);
            for (SelectionKey key : selector.selectedKeys()) {
                Held held = (Held) key.attachment();
                if (held.channel.read(held.in) < 0)
                    throw new AssertionError("the server ended a connection that waits");
                if (held.in.position() < 4) continue;
                int length = held.in.getInt(0);
                if (held.in.position() < 4 + length) continue;
                byte[] frame = Arrays.copyOfRange(held.in.array(), 4, 4 + length);
                answers.add(new Answered(Wire.parse(frame), (System.nanoTime() - held.askedNanos) / 1_000_000));
                held.in.clear();
            }
            selector.selectedKeys().clear();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        for (Held held : all) {
            held.channel.close();
        }
        selector.close();
    }
}
