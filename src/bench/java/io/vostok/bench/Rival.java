package io.vostok.bench;

import io.vostok.it.kit.Child;
import io.vostok.it.kit.Folders;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Ports;
import io.vostok.it.kit.VostokServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A broker under measurement, with its name server: ours as the jar starts it, or Apache's with the heap its scripts give small machines. */
final class Rival implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(5);
    private static final List<String> OPENS = List.of(
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED");

    /** Who is measured. */
    enum Kind {
        VOSTOK,
        APACHE
    }

    final Kind kind;
    private final boolean syncFlush;
    private final Path folder;
    private final int nameServerPort = Ports.free();
    private final int brokerPort = Ports.free();
    private @Nullable Child nameServer;
    private @Nullable Child broker;

    Rival(Kind kind, boolean syncFlush) {
        this.kind = kind;
        this.syncFlush = syncFlush;
        this.folder = Folders.make(kind.name().toLowerCase(Locale.ROOT));
    }

    /** Starts it and waits until a topic could be asked for. */
    Rival start() {
        if (kind == Kind.APACHE && nameServer == null) {
            write("namesrv.conf", "listenPort=" + nameServerPort + "\nbindAddress=127.0.0.1\n");
            nameServer = Child.java("namesrv", folder, apache("128m", "org.apache.rocketmq.namesrv.NamesrvStartup", "namesrv.conf"));
            nameServer.awaitReady(START, () -> listens(nameServerPort));
        }
        broker = Child.java("broker", folder, kind == Kind.VOSTOK ? vostok() : apacheBroker());
        return this;
    }

    private List<String> vostok() {
        List<String> args = new ArrayList<>(List.of(System.getProperty("bench.vostokJvm", "-Xmx256m").split(" ")));
        args.addAll(List.of(
                "-jar",
                VostokServer.jar().toString(),
                "--broker.port=" + brokerPort,
                "--broker.vipPort=0",
                "--nameserver.port=" + nameServerPort,
                "--http.port=" + (brokerPort + 2),
                "--store.path=" + folder.resolve("store"),
                "--limits.connections=12000",
                "--store.flush=" + (syncFlush ? "sync" : "async")));
        return args;
    }

    private List<String> apacheBroker() {
        write(
                "broker.conf",
                String.join(
                                "\n",
                                "brokerClusterName=DefaultCluster",
                                "brokerName=broker-a",
                                "brokerId=0",
                                "brokerRole=ASYNC_MASTER",
                                "brokerIP1=127.0.0.1",
                                "bindAddress=127.0.0.1",
                                "listenPort=" + brokerPort,
                                "haListenPort=" + (brokerPort + 1),
                                "namesrvAddr=" + nameServer(),
                                "storePathRootDir=" + folder.resolve("store"),
                                "storePathCommitLog=" + folder.resolve("store/commitlog"),
                                "flushDiskType=" + (syncFlush ? "SYNC_FLUSH" : "ASYNC_FLUSH"),
                                "enablePropertyFilter=true",
                                "diskMaxUsedSpaceRatio=95")
                        + "\n");
        return apache("2g", "org.apache.rocketmq.broker.BrokerStartup", "broker.conf");
    }

    private List<String> apache(String heap, String main, String conf) {
        List<String> args = new ArrayList<>(OPENS);
        args.addAll(List.of(
                "-Xms" + heap,
                "-Xmx" + heap,
                "-XX:+UseG1GC",
                "-XX:MaxDirectMemorySize=2g",
                "-Duser.home=" + folder,
                "-Drocketmq.home.dir=" + folder,
                "-cp",
                Peers.serverClassPath(),
                main,
                "-c",
                folder.resolve(conf).toString()));
        return args;
    }

    String nameServer() {
        return "127.0.0.1:" + nameServerPort;
    }

    long pid() {
        return running().pid();
    }

    /** Bytes of the files that hold messages. */
    Path store() {
        return folder.resolve("store");
    }

    void kill() {
        running().kill();
        broker = null;
    }

    String tail() {
        return running().tail();
    }

    boolean isAlive() {
        return running().isAlive();
    }

    @Override
    public void close() {
        if (broker != null && broker.isAlive()) broker.kill();
        if (nameServer != null && nameServer.isAlive()) nameServer.kill();
        Folders.delete(folder);
    }

    private Child running() {
        Child now = broker;
        if (now == null) throw new IllegalStateException("the broker was not started");
        return now;
    }

    private static boolean listens(int port) {
        try (Socket probe = new Socket()) {
            probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false; // that is the question
        }
    }

    private void write(String name, String text) {
        try {
            Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
