package io.vostok.it.kit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code java -jar vostok.jar}: both roles in one process, or the broker alone when it has name servers given. */
public final class VostokServer implements Server {
    private static final Duration START = Duration.ofMinutes(2);

    /**
     * What the process may use.
     *
     * @param openFiles descriptors; 0 for as many as this process may have
     * @param jvm options of its JVM
     */
    public record Machine(int openFiles, List<String> jvm) {
        public static final Machine USUAL = new Machine(0, List.of("-Xmx256m"));
    }

    private final ServerSpec spec;
    private final Machine machine;
    private final List<String> more;
    private final int brokerPort = Ports.free();
    private final int ownNameServerPort;
    private final int nameServerPort;
    private final Path folder = Folders.make("vostok");
    private Child child;

    /** @param under port of the only name server it registers with, 0 for its own */
    private VostokServer(ServerSpec spec, Machine machine, List<String> more, int under) {
        this.spec = spec;
        this.machine = machine;
        this.more = List.copyOf(more);
        this.ownNameServerPort = Ports.free();
        this.nameServerPort = under == 0 ? ownNameServerPort : under;
        this.child = launch();
    }

    /** Starts one; {@code more} are arguments added to those made from {@code spec}. */
    public static VostokServer start(ServerSpec spec, String... more) {
        return start(spec, Machine.USUAL, more);
    }

    public static VostokServer start(ServerSpec spec, Machine machine, String... more) {
        return new VostokServer(spec, machine, List.of(more), 0);
    }

    /** Starts one that knows no name server but that of another. */
    public static VostokServer startUnder(Server other, ServerSpec spec, String... more) {
        return new VostokServer(spec, Machine.USUAL, List.of(more), other.nameServerPort());
    }

    /** Path of the jar under test. */
    public static Path jar() {
        return Path.of(System.getProperty("vostok.jar", "target/vostok.jar")).toAbsolutePath();
    }

    private Child launch() {
        List<String> args = new ArrayList<>(machine.jvm());
        args.addAll(List.of("-jar", jar().toString()));
        args.add("--broker.name=" + spec.brokerName());
        args.add("--broker.port=" + brokerPort);
        args.add("--broker.vipPort=" + (brokerPort - 2));
        args.add("--nameserver.port=" + ownNameServerPort);
        args.add("--http.port=" + httpPort());
        args.add("--store.path=" + spec.store());
        args.add("--store.segmentBytes=" + spec.segmentBytes());
        args.add("--store.flush=" + (spec.syncFlush() ? "sync" : "async"));
        args.add("--broker.autoCreateTopics=" + spec.autoCreateTopics());
        args.add("--broker.defaultTopicQueues=16");
        if (!spec.youngTopicsWhole()) args.add("--pull.recentBytes=0");
        args.add("--store.diskCleanRatio=0.97");
        args.add("--store.diskForceRatio=0.98");
        args.add("--store.diskFullRatio=0.99");
        // With foreign name servers in the list our own still takes part: it is the first of them.
        if (!spec.nameServers().isEmpty())
            args.add("--broker.nameservers=127.0.0.1:" + ownNameServerPort + ","
                    + spec.nameServers().replace(';', ','));
        else if (nameServerPort != ownNameServerPort) args.add("--broker.nameservers=127.0.0.1:" + nameServerPort);
        args.addAll(more);
        Child started = Child.java("vostok", folder, args, machine.openFiles());
        started.awaitReady(
                START,
                // The HTTP port is the last to listen, after the broker is in the routes.
                () -> Wire.clusterKnows(nameServerPort, spec.brokerName(), brokerPort) && Ports.listens(httpPort()));
        return started;
    }

    @Override
    public String nameServer() {
        return "127.0.0.1:" + nameServerPort;
    }

    @Override
    public int nameServerPort() {
        return nameServerPort;
    }

    @Override
    public int brokerPort() {
        return brokerPort;
    }

    /** The port of the HTTP API. */
    public int httpPort() {
        return brokerPort + 2;
    }

    @Override
    public ServerSpec spec() {
        return spec;
    }

    @Override
    public void kill() {
        child.kill();
    }

    /** The process stands still until {@link #resume}. */
    public void pause() {
        child.signal("STOP");
    }

    public void resume() {
        child.signal("CONT");
    }

    /** The process itself. */
    public Child child() {
        return child;
    }

    @Override
    public void stop() {
        int code = child.stop(Duration.ofSeconds(20));
        if (code != 0) throw new AssertionError("SIGTERM ended with " + code + "\n" + child.tail());
    }

    @Override
    public void restart() {
        child = launch();
    }

    @Override
    public String tail() {
        return child.tail();
    }

    @Override
    public long pid() {
        return child.pid();
    }

    @Override
    public void close() {
        if (child.isAlive()) child.kill();
    }
}
