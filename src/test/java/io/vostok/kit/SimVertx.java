package io.vostok.kit;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vostok.time.ManualClock;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Vert.x without threads, on virtual time, for as much of it as our verticles use: contexts that run their tasks in order,
 * timers, the local event bus, work that may block. Which context runs next is chance, so a seed decides how "threads"
 * interleave between tasks; within a task nothing else happens. What is not simulated fails when it is called.
 *
 * <p>The process ends by forgetting this object. An error of a task, {@code SimCrash} above all, comes out of {@link #runOne}.
 */
public final class SimVertx {
    private final ManualClock clock;
    private final RandomGenerator random;
    private final List<Loop> loops = new ArrayList<>();
    private final Map<String, List<Hearer>> hearers = new HashMap<>();
    private final PriorityQueue<Alarm> alarms =
            new PriorityQueue<>(Comparator.comparingLong(Alarm::atNanos).thenComparingLong(Alarm::id));
    private final Map<Long, Alarm> armed = new HashMap<>();
    private final VertxInternal vertx = proxy(VertxInternal.class, this::vertx);
    private final EventBus bus = proxy(EventBus.class, this::bus);
    private final Consumer<Object> sent;
    private @Nullable Loop current;
    private @Nullable Throwable broken;
    private long timers;
    private long turns;

    /** One context and the tasks that wait for it. */
    private final class Loop {
        final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        final ContextInternal context =
                proxy(ContextInternal.class, (self, method, arguments) -> context(this, self, method, arguments));
        /** Its thread hangs in what it did last. */
        boolean held;
        /** Where what may block runs for it, in order. */
        @Nullable
        Loop blocking;

        boolean ready() {
            return !held && !tasks.isEmpty();
        }
    }

    private record Hearer(Loop loop, Handler<Message<Object>> handler) {}

    /** What was to run on a context; named in what says that something never ends. */
    private record Turn(Handler<Void> handler) implements Runnable {
        @Override
        public void run() {
            handler.handle(null);
        }
    }

    /** @param periodNanos 0 for a timer that goes off once */
    private record Alarm(long id, long atNanos, long periodNanos, Loop loop, Handler<Long> handler) {}

    /** @param sent hears of everything that travels on the bus */
    public SimVertx(ManualClock clock, RandomGenerator random, Consumer<Object> sent) {
        this.clock = clock;
        this.random = random;
        this.sent = sent;
    }

    public Vertx vertx() {
        return vertx;
    }

    /** Returns a new context: an event loop, or a worker. */
    public ContextInternal context() {
        return newLoop().context;
    }

    private Loop newLoop() {
        Loop loop = new Loop();
        loops.add(loop);
        return loop;
    }

    /** Starts a verticle on a context of its own, now. */
    public ContextInternal deploy(VerticleBase verticle) {
        Loop loop = newLoop();
        loop.tasks.add(() -> {
            try {
                verticle.deploy(loop.context);
            } catch (Exception failure) {
                throw new AssertionError("not deployed: " + verticle, failure);
            }
        });
        run(loop);
        return loop.context;
    }

    /** Stops a verticle and runs everything until it has stopped. */
    public void undeploy(VerticleBase verticle, ContextInternal context) {
        boolean[] stopped = new boolean[1];
        context.runOnContext(now -> {
            try {
                verticle.undeploy(context).onComplete(done -> stopped[0] = true);
            } catch (Exception failure) {
                throw new AssertionError("not undeployed: " + verticle, failure);
            }
        });
        for (int i = 0; !stopped[0]; i++) {
            if (!runOne()) advanceToNext(Duration.ofSeconds(1));
            if (i > 100_000) throw new AssertionError("never stops: " + verticle);
        }
    }

    /** Lets the thread of a context hang, or go on. */
    public void hold(ContextInternal context, boolean on) {
        for (Loop loop : loops) if (loop.context == context) loop.held = on;
    }

    /** Returns how many tasks have run. */
    public long turns() {
        return turns;
    }

    /** Runs one task of a context chosen by chance. Returns false when there is none. */
    public boolean runOne() {
        int busy = 0;
        for (Loop loop : loops) if (loop.ready()) busy++;
        if (busy == 0) return false;
        int chosen = random.nextInt(busy);
        for (Loop loop : loops) {
            if (!loop.ready() || chosen-- > 0) continue;
            run(loop);
            return true;
        }
        return false;
    }

    /** Runs until nothing is left to do now. */
    public void runAll() {
        for (int i = 0; runOne(); i++) {
            if (i > 100_000) {
                throw new AssertionError("never at rest, something runs again and again without a pause: "
                        + loops.stream()
                                .map(loop -> loop.tasks)
                                .filter(tasks -> !tasks.isEmpty())
                                .toList());
            }
        }
    }

    private void run(Loop loop) {
        @Nullable Loop before = current;
        current = loop;
        turns++;
        try {
            loop.tasks.remove().run();
        } finally {
            current = before;
        }
        @Nullable Throwable failure = broken;
        if (failure instanceof Error error) throw error;
        if (failure != null) throw new AssertionError("a task failed", failure);
    }

    /** Lets time pass in one step; timers whose time has come are tasks then. */
    public void advance(Duration duration) {
        clock.advance(duration);
        fire();
    }

    /** Lets time pass to the next timer, at most {@code most}. */
    public void advanceToNext(Duration most) {
        @Nullable Alarm next = alarms.peek();
        long nanos = next == null ? Long.MAX_VALUE : Math.max(0, next.atNanos() - clock.monotonicNanos());
        // Whole milliseconds, as the wall clock counts them.
        advance(Duration.ofMillis(Math.min(most.toMillis(), nanos / 1_000_000 + (nanos % 1_000_000 > 0 ? 1 : 0))));
    }

    private void fire() {
        long now = clock.monotonicNanos();
        for (@Nullable Alarm due = alarms.peek(); due != null && due.atNanos() <= now; due = alarms.peek()) {
            Alarm alarm = alarms.remove();
            armed.remove(alarm.id());
            if (alarm.periodNanos() > 0)
                arm(new Alarm(
                        alarm.id(), now + alarm.periodNanos(), alarm.periodNanos(), alarm.loop(), alarm.handler()));
            alarm.loop().tasks.add(() -> alarm.handler().handle(alarm.id()));
        }
    }

    private void arm(Alarm alarm) {
        alarms.add(alarm);
        armed.put(alarm.id(), alarm);
    }

    private long timer(long millis, boolean periodic, Handler<Long> handler) {
        long nanos = millis * 1_000_000;
        arm(new Alarm(timers, clock.monotonicNanos() + nanos, periodic ? nanos : 0, running(), handler));
        return timers++;
    }

    private Loop running() {
        return Objects.requireNonNull(current, "outside of every context");
    }

    @SuppressWarnings("unchecked")
    private @Nullable Object vertx(Object self, Method method, Object[] arguments) throws Throwable {
        return switch (method.getName()) {
            case "eventBus" -> bus;
            case "getOrCreateContext" -> running().context;
            case "getContext" -> current == null ? null : current.context;
            case "setTimer" -> timer((Long) arguments[0], false, (Handler<Long>) arguments[1]);
            case "setPeriodic" -> timer((Long) arguments[0], true, (Handler<Long>) arguments[arguments.length - 1]);
            case "cancelTimer" -> {
                @Nullable Alarm alarm = armed.remove((Long) arguments[0]);
                yield alarm != null && alarms.remove(alarm);
            }
            case "runOnContext" -> running().tasks.add(() -> ((Handler<Void>) arguments[0]).handle(null));
            case "executeBlocking" -> blocking(running(), (Callable<Object>) arguments[0]);
            case "createSharedWorkerExecutor" -> {
                Loop workers = newLoop();
                yield proxy(
                        WorkerExecutor.class,
                        (executor, call, given) -> blocking(workers, running(), (Callable<Object>) given[0]));
            }
            default -> otherwise(self, method, arguments);
        };
    }

    private Future<Object> blocking(Loop caller, Callable<Object> work) {
        @Nullable Loop worker = caller.blocking;
        if (worker == null) caller.blocking = worker = newLoop();
        return blocking(worker, caller, work);
    }

    private Future<Object> blocking(Loop worker, Loop caller, Callable<Object> work) {
        Promise<Object> done = caller.context.promise();
        worker.tasks.add(() -> {
            try {
                done.complete(work.call());
            } catch (Exception failure) {
                done.fail(failure);
            }
        });
        return done.future();
    }

    @SuppressWarnings("unchecked")
    private @Nullable Object bus(Object self, Method method, Object[] arguments) throws Throwable {
        return switch (method.getName()) {
            case "send" -> {
                sent.accept(arguments[1]);
                for (Hearer hearer : hearers.getOrDefault((String) arguments[0], List.of())) {
                    Message<Object> message = proxy(Message.class, (it, call, given) -> arguments[1]);
                    hearer.loop().tasks.add(() -> hearer.handler().handle(message));
                }
                yield self;
            }
            case "localConsumer" -> {
                hearers.computeIfAbsent((String) arguments[0], none -> new ArrayList<>())
                        .add(new Hearer(running(), (Handler<Message<Object>>) arguments[1]));
                yield null; // Nobody of ours takes it back.
            }
            case "registerDefaultCodec" -> self;
            default -> otherwise(self, method, arguments);
        };
    }

    @SuppressWarnings("unchecked")
    private @Nullable Object context(Loop loop, Object self, Method method, Object[] arguments) throws Throwable {
        return switch (method.getName()) {
            case "owner" -> vertx;
            case "inThread", "isRunningOnContext" -> current == loop;
            case "runOnContext" -> loop.tasks.add(new Turn((Handler<Void>) arguments[0]));
            case "execute" -> {
                Runnable task = arguments.length == 1 && arguments[0] instanceof Runnable runnable
                        ? runnable
                        : () -> ((Handler<@Nullable Object>) arguments[arguments.length - 1])
                                .handle(arguments.length == 1 ? null : arguments[0]);
                yield loop.tasks.add(task);
            }
            case "emit" -> {
                Runnable task = () -> ((Handler<@Nullable Object>) arguments[1]).handle(arguments[0]);
                if (current == loop) task.run();
                else loop.tasks.add(task);
                yield null;
            }
            case "beginDispatch", "endDispatch" -> null;
            case "reportException" -> {
                if (broken == null) broken = (Throwable) arguments[0];
                yield null;
            }
            default -> otherwise(self, method, arguments);
        };
    }

    private static @Nullable Object otherwise(Object self, Method method, Object[] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
                case "equals" -> self == arguments[0];
                case "hashCode" -> System.identityHashCode(self);
                default -> "simulated";
            };
        }
        if (method.isDefault()) return InvocationHandler.invokeDefault(self, method, arguments);
        throw new UnsupportedOperationException("not simulated: " + method);
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(SimVertx.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
