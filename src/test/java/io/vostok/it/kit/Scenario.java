package io.vostok.it.kit;

import io.vostok.it.client.Consumer;
import io.vostok.it.client.Got;
import io.vostok.it.client.PullClient;
import io.vostok.it.client.Pulled;
import io.vostok.it.client.Queue;
import io.vostok.it.client.RealClient;
import io.vostok.kit.Await;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** A class of tests against one server that starts before the first of them and is ended after the last. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Scenario.TailOnFailure.class)
public abstract class Scenario {
    /** Longer than the clients' own rebalance period of 20 s. */
    public static final Duration SOON = Duration.ofSeconds(45);

    private static final AtomicInteger NAMES = new AtomicInteger();

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final List<Server> servers = new ArrayList<>();

    /** The one server; started here unless {@link #spec} was overridden. */
    protected Server server;

    @SuppressWarnings("NullAway.Init") // JUnit calls startServer before any test
    protected Scenario() {}

    /** What the server of this class is to be like. */
    protected ServerSpec spec() {
        return ServerSpec.plain();
    }

    /** Starts the one server; to be overridden by who needs more than {@link #spec} says. */
    protected Server startOwn() {
        return start(spec());
    }

    @BeforeAll
    void startServer() {
        server = startOwn();
    }

    @AfterAll
    void endServers() {
        servers.forEach(Server::close);
        servers.forEach(each -> Folders.delete(each.store()));
    }

    @AfterEach
    void closeClients() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    /** A further server, ended with the others. */
    protected Server start(ServerSpec spec) {
        return ended(Server.start(spec));
    }

    /** Ends {@code started} with the others. */
    protected <S extends Server> S ended(S started) {
        servers.add(started);
        return started;
    }

    /** Closes {@code resource} after this test. */
    protected <T extends AutoCloseable> T closing(T resource) {
        open.push(resource);
        return resource;
    }

    protected RealClient client(String version) {
        return Peers.client(version, server.nameServer());
    }

    /** Closes a consumer that has counted all it was given, so that it tells offsets behind everything it took. */
    protected static void closeIdle(Consumer consumer) {
        Await.until("the consumer has counted all", SOON, consumer::idle);
        consumer.close();
    }

    /** A name that no other test uses. */
    protected static String fresh(String purpose) {
        return purpose + "_" + ProcessHandle.current().pid() + "_" + NAMES.incrementAndGet();
    }

    /** Everything that is in the queues of a topic, each queue in its order. */
    protected List<Got> everything(String version, String topic) {
        PullClient puller = closing(client(version).puller(fresh("reader")));
        List<Got> all = new ArrayList<>();
        for (Queue queue : puller.queues(topic)) {
            all.addAll(everything(puller, queue, "*"));
        }
        return all;
    }

    protected static List<Got> everything(PullClient puller, Queue queue, String expression) {
        List<Got> all = new ArrayList<>();
        long end = puller.maxOffset(queue);
        long at = puller.minOffset(queue);
        while (at < end) {
            Pulled pulled = puller.pull(queue, expression, at, 32);
            if (pulled.nextOffset() <= at)
                throw new AssertionError("no progress at " + at + " of " + end + ": " + pulled);
            all.addAll(pulled.messages());
            at = pulled.nextOffset();
        }
        return all;
    }

    static final class TailOnFailure implements TestWatcher {
        @Override
        public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
            ((Scenario) context.getRequiredTestInstance())
                    .servers.forEach(each -> System.err.println(context.getDisplayName() + " failed\n" + each.tail()));
        }
    }
}
