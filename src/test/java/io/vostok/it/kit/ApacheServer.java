package io.vostok.it.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Apache's own name server and broker 5.5.0, each in a JVM of its own with little memory. */
public final class ApacheServer implements Server {
    private static final Duration START = Duration.ofMinutes(3);
    private static final List<String> JVM = List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED");

    private final ServerSpec spec;
    private final List<String> more;
    private final Path folder = Folders.make("apache");
    private final int nameServerPort = Ports.free();
    private final int brokerPort = Ports.free();
    private final Child nameServer;
    private @Nullable Child broker;

    private ApacheServer(ServerSpec spec, List<String> more) {
        this.spec = spec;
        this.more = List.copyOf(more);
        write("namesrv.conf", "listenPort=" + nameServerPort + "\nbindAddress=127.0.0.1\n");
        nameServer = Child.java(
                "apache-namesrv",
                folder,
                command("128m", "org.apache.rocketmq.namesrv.NamesrvStartup", "namesrv.conf"));
        try {
            nameServer.awaitReady(START, () -> Wire.answers(nameServerPort));
            broker = launch();
        } catch (AssertionError e) {
            close();
            throw e;
        }
    }

    /** Starts both; {@code more} are lines for the broker's file, added to those made from {@code spec}. */
    public static ApacheServer start(ServerSpec spec, String... more) {
        return new ApacheServer(spec, List.of(more));
    }

    private List<String> command(String heap, String main, String conf) {
        List<String> args = new ArrayList<>(JVM);
        args.add("-Xms" + heap);
        args.add("-Xmx" + heap);
        args.add("-XX:MaxDirectMemorySize=512m");
        args.add("-Duser.home=" + folder);
        args.add("-Drocketmq.home.dir=" + folder);
        args.add("-cp");
        args.add(Peers.serverClassPath());
        args.addAll(List.of(main, "-c", folder.resolve(conf).toString()));
        return args;
    }

    private Child launch() {
        List<String> lines = new ArrayList<>(List.of(
                "brokerClusterName=DefaultCluster",
                "brokerName=" + spec.brokerName(),
                "brokerId=0",
                "brokerIP1=127.0.0.1",
                "bindAddress=127.0.0.1",
                "listenPort=" + brokerPort,
                "haListenPort=" + (brokerPort + 1),
                "namesrvAddr=" + nameServer() + (spec.nameServers().isEmpty() ? "" : ";" + spec.nameServers()),
                "storePathRootDir=" + spec.store(),
                "storePathCommitLog=" + spec.store().resolve("commitlog"),
                "mappedFileSizeCommitLog=" + spec.segmentBytes(),
                "flushDiskType=" + (spec.syncFlush() ? "SYNC_FLUSH" : "ASYNC_FLUSH"),
                "autoCreateTopicEnable=" + spec.autoCreateTopics(),
                "autoCreateSubscriptionGroup=true",
                "defaultTopicQueueNums=16",
                "brokerFastFailureEnable=false",
                "accessMessageInMemoryMaxRatio=" + (spec.youngTopicsWhole() ? 40 : 0),
                "diskMaxUsedSpaceRatio=95",
                "registerNameServerPeriod=10000"));
        lines.addAll(more);
        write("broker.conf", String.join("\n", lines) + "\n");
        Child started = Child.java(
                "apache-broker", folder, command("512m", "org.apache.rocketmq.broker.BrokerStartup", "broker.conf"));
        started.awaitReady(START, () -> Wire.clusterKnows(nameServerPort, spec.brokerName(), brokerPort));
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

    @Override
    public ServerSpec spec() {
        return spec;
    }

    @Override
    public void kill() {
        running().kill();
    }

    @Override
    public void stop() {
        int code = running().stop(Duration.ofMinutes(2));
        if (code != 0 && code != 143) throw new AssertionError("SIGTERM ended with " + code + "\n" + tail());
    }

    @Override
    public void restart() {
        broker = launch();
    }

    @Override
    public String tail() {
        return running().tail() + "\n" + nameServer.tail();
    }

    @Override
    public long pid() {
        return running().pid();
    }

    @Override
    public void close() {
        if (broker != null && broker.isAlive()) broker.kill();
        if (nameServer.isAlive()) nameServer.kill();
    }

    private Child running() {
        Child now = broker;
        if (now == null) throw new AssertionError("the broker was not started");
        return now;
    }

    private void write(String name, String text) {
        try {
            Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
