package io.vostok.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import io.vostok.time.Clock;
import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.FrameLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;

/** One run of a {@link Plan}: connects, warms up, measures. Blocks its caller; all connections share one event loop. */
public final class Run {
    private static final int RECEIVE_BYTES = 256 << 10;
    private static final int CONNECTS_AT_ONCE = 256;

    private final Plan plan;
    private final Watcher watcher;
    private final Clock clock;
    private final RandomGenerator random;
    private final Tallies window = new Tallies();
    private final Tallies second = new Tallies();
    private final AtomicReference<String> failure = new AtomicReference<>();
    private final CompletableFuture<Void> failed = new CompletableFuture<>();

    /** Follows a run; called on the caller's thread of {@link Run#run}. */
    public interface Watcher {
        /** The warm-up is over. */
        default void measuring() {}

        /** The measured time is over; requests are still answered. */
        default void measured() {}

        /** About a second has passed, of the warm-up as long as {@code warm} is false. */
        default void progress(boolean warm, double perSecond, double p50Micros, double p99Micros, long refused) {}
    }

    /** Makes a run whose random parts, such as unique ids, come from {@code random}. */
    public Run(Plan plan, Clock clock, RandomGenerator random, Watcher watcher) {
        this.plan = plan;
        this.clock = clock;
        this.random = random;
        this.watcher = watcher;
    }

    /**
     * Runs to the end.
     *
     * @throws IOException when the topic's broker cannot be found or reached, or a connection ends
     */
    public Outcome run() throws IOException, InterruptedException {
        Target target = Lookup.find(plan);
        boolean fromTheEnd = plan.mode() == Plan.Mode.HOLD || plan.mode() == Plan.Mode.END_TO_END;
        long[] ends = fromTheEnd ? ends(target) : new long[0];
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory factory = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, factory);
        try {
            List<Line> lines = connect(group, epoll ? EpollSocketChannel.class : NioSocketChannel.class, target);
            return measure(group.next(), lines, work(lines, target, ends));
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        }
    }

    private List<Line> connect(EventLoopGroup group, Class<? extends Channel> type, Target target)
            throws IOException, InterruptedException {
        List<Line> lines = new ArrayList<>();
        List<ChannelFuture> opening = new ArrayList<>();
        int count = plan.mode() == Plan.Mode.END_TO_END ? 2 : plan.load().connections();
        for (int i = 0; i < count; i++) {
            boolean receiver = plan.mode() == Plan.Mode.END_TO_END && i == 1;
            Line line = new Line(i, receiver ? target.queues() : plan.load().inFlight(), clock, this::fail);
            lines.add(line);
            opening.add(new Bootstrap()
                    .group(group)
                    .channel(type)
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                    .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(receiveBytes()))
                    .handler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel channel) {
                            int most = FrameLimits.DEFAULT.maxFrameBytes();
                            channel.pipeline()
                                    .addLast(new LengthFieldBasedFrameDecoder(most, 0, 4, 0, 0))
                                    .addLast(line);
                        }
                    })
                    .connect(target.broker()));
            if (opening.size() >= CONNECTS_AT_ONCE) await(opening, target);
        }
        await(opening, target);
        return lines;
    }

    private int receiveBytes() {
        return plan.load().connections() > 1000 ? 4 << 10 : RECEIVE_BYTES;
    }

    private static void await(List<ChannelFuture> opening, Target target) throws IOException, InterruptedException {
        for (ChannelFuture each : opening) {
            if (!each.await().isSuccess()) {
                throw new IOException("cannot connect to " + target.broker() + ": "
                        + each.cause().getMessage());
            }
        }
        opening.clear();
    }

    private Outcome measure(EventLoop loop, List<Line> lines, Work work) throws IOException, InterruptedException {
        on(loop, () -> {
            for (Line line : lines) line.begin(work);
        });
        ScheduledFuture<?> unused =
                loop.scheduleAtFixedRate(() -> work.tick(clock.monotonicNanos()), 1, 1, TimeUnit.MILLISECONDS);
        passes(loop, plan.span().warmUp(), false);
        on(loop, this::restart);
        watcher.measuring();
        long from = clock.monotonicNanos();
        passes(loop, plan.span().measured(), true);
        Outcome[] outcome = new Outcome[1];
        on(loop, () -> {
            keepSecond();
            outcome[0] = Outcome.of(plan, window, clock.monotonicNanos() - from);
        });
        watcher.measured();
        return outcome[0];
    }

    private void restart() {
        second.clear();
        window.clear();
    }

    private Work work(List<Line> lines, Target target, long[] ends) {
        return switch (plan.mode()) {
            case SEND, TRANSACTION -> new Sends(plan, target, second, clock, random);
            case PULL -> new Pulls(plan, target, second);
            case POP -> new Pops(plan, target, second, clock);
            case HOLD -> new Holds(plan, target, second, ends);
            case END_TO_END -> new EndToEnd(plan, target, second, ends, lines.get(0), clock, random);
        };
    }

    private static long[] ends(Target target) throws IOException {
        long[] ends = new long[target.queues()];
        try (Caller caller = new Caller(target.broker())) {
            for (int queue = 0; queue < ends.length; queue++) {
                Command answer = caller.call(
                        RequestCode.GET_MAX_OFFSET,
                        Map.of("topic", target.topic(), "queueId", Integer.toString(queue)));
                if (answer.code() != ResponseCode.SUCCESS) {
                    throw new IOException("end of queue " + queue + ": " + answer.code() + " " + answer.remark());
                }
                ends[queue] = answer.fields().requireLong("offset");
            }
        }
        return ends;
    }

    /** Lets {@code time} pass, telling the watcher each second. */
    private void passes(EventLoop loop, Duration time, boolean warm) throws IOException, InterruptedException {
        long end = clock.monotonicNanos() + time.toNanos();
        while (true) {
            long from = clock.monotonicNanos();
            long left = end - from;
            if (left <= 0) return;
            long step = Math.min(left, 1_000_000_000L);
            if (failedWithin(step)) throw new IOException(failure.get());
            if (step < 1_000_000_000L) continue;
            on(loop, () -> {
                watcher.progress(
                        warm,
                        second.messages * 1e9 / (clock.monotonicNanos() - from),
                        second.nanos.getValueAtPercentile(50) / 1e3,
                        second.nanos.getValueAtPercentile(99) / 1e3,
                        second.refusedTotal());
                keepSecond();
            });
        }
    }

    private void keepSecond() {
        window.add(second);
        second.clear();
    }

    private boolean failedWithin(long nanos) throws InterruptedException {
        try {
            failed.get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException inTime) {
            return false;
        } catch (ExecutionException e) {
            return true;
        }
    }

    private void fail(String reason) {
        if (failure.compareAndSet(null, reason)) failed.complete(null);
    }

    private static void on(EventLoop loop, Runnable what) throws InterruptedException {
        try {
            loop.submit(what).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the load generator failed", e.getCause());
        }
    }
}
