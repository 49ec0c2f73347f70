package io.vostok.it.kit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code java -jar vostok.jar}: both roles in one process, or the broker alone when it has name servers given. */
public final class VostokServer implements Server {
    private static final Duration START = Duration.ofSeconds(30);

    private final ServerSpec spec;
    private final List<String> more;
    private final int brokerPort = Ports.free();
    private final int ownNameServerPort;
    private final Path folder = Folders.make("vostok");
    private Child child;

    private VostokServer(ServerSpec spec, List<String> more) {
        this.spec = spec;
        this.more = List.copyOf(more);
        this.ownNameServerPort = Ports.free();
        this.child = launch();
    }

    /** Starts one; {@code more} are arguments added to those made from {@code spec}. */
    public static VostokServer start(ServerSpec spec, String... more) {
        return new VostokServer(spec, List.of(more));
    }

    /** Path of the jar under test. */
    public static Path jar() {
        return Path.of(System.getProperty("vostok.jar", "target/vostok.jar")).toAbsolutePath();
    }

    private Child launch() {
        List<String> args = new ArrayList<>(List.of("-Xmx256m", "-jar", jar().toString()));
        args.add("--broker.name=" + spec.brokerName());
        args.add("--broker.port=" + brokerPort);
        args.add("--broker.vipPort=" + (brokerPort - 2));
        args.add("--nameserver.port=" + ownNameServerPort);
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
        args.addAll(more);
        Child started = Child.java("vostok", folder, args);
        started.awaitReady(START, () -> Wire.clusterKnows(ownNameServerPort, spec.brokerName(), brokerPort));
        return started;
    }

    @Override
    public String nameServer() {
        return "127.0.0.1:" + ownNameServerPort;
    }

    @Override
    public int nameServerPort() {
        return ownNameServerPort;
    }

    @Override
    public int brokerPort() {
        return brokerPort;
    }

    @Override
    public ServerSpec spec() {
        return spec;
    }

    @Override
    public void kill() {
        child.kill();
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
