package io.vostok.it.kit;

import io.vostok.it.client.RealClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** The peers that the build copied to {@code target/peers}: class paths, compilers and loaders for them. */
public final class Peers {
    public static final String OLD = "4.9.8";
    public static final String NEW = "5.5.0";

    private static final String API = "io.vostok.it.client.";
    private static final Map<String, ClassLoader> LOADERS = new ConcurrentHashMap<>();
    private static final Map<String, Path> COMPILED = new ConcurrentHashMap<>();

    private Peers() {}

    /** The stock client of a version with JSON headers. */
    public static RealClient client(String version, String nameServers) {
        return client(version, "JSON", nameServers, false, false);
    }

    /**
     * The stock client of a version.
     *
     * @param headers JSON or ROCKETMQ; the client reads it once, so each value has a class loader of its own
     */
    public static RealClient client(String version, String headers, String nameServers, boolean tls, boolean vip) {
        ClassLoader loader = LOADERS.computeIfAbsent(version + " " + headers, key -> load(version, headers));
        try {
            return (RealClient) loader.loadClass("io.vostok.it.real.Adapter")
                    .getConstructor(String.class, boolean.class, boolean.class)
                    .newInstance(nameServers, tls, vip);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("cannot make a client " + version, e);
        }
    }

    /** Class path of a stock client, for a JVM of its own. */
    public static String clientClassPath(String version) {
        return folder("client-" + version).toAbsolutePath() + "/*";
    }

    /** Class path of Apache's servers 5.5.0, for a JVM of their own, with {@code sources} compiled against them. */
    public static String serverClassPath(String... sources) {
        Path jars = folder("server-" + NEW);
        List<String> entries = new ArrayList<>();
        if (sources.length > 0) entries.add(compiled("server-" + NEW, sources).toString());
        entries.add(jars + "/*");
        return String.join(":", entries);
    }

    private static ClassLoader load(String version, String headers) {
        String peer = "client-" + version;
        List<URL> urls = new ArrayList<>();
        urls.add(url(compiled(peer, "io/vostok/it/real/Adapter.java")));
        for (Path jar : jars(peer)) {
            urls.add(url(jar));
        }
        // The client reads these once, when its classes are initialised.
        Map<String, String> settings = new HashMap<>();
        Path home = Folders.ofRun().resolve(peer + "-" + headers);
        settings.put("rocketmq.serialize.type", headers);
        settings.put(
                "rocketmq.client.localOffsetStoreDir", home.resolve("offsets").toString());
        settings.put("rocketmq.client.logRoot", home.resolve("logs").toString());
        settings.put("rocketmq.client.logLevel", "WARN");
        settings.put("user.home", home.toString());
        Map<String, String> before = new HashMap<>();
        for (String name : settings.keySet()) {
            before.put(name, System.getProperty(name, ""));
        }
        settings.forEach(System::setProperty);
        ClassLoader caller = Thread.currentThread().getContextClassLoader();
        try {
            ClassLoader loader = new URLClassLoader(peer, urls.toArray(URL[]::new), new ApiOnly());
            Thread.currentThread().setContextClassLoader(loader);
            for (String name : List.of(
                    "org.apache.rocketmq.remoting.protocol.RemotingCommand",
                    "org.apache.rocketmq.client.log.ClientLogger",
                    "org.apache.rocketmq.client.consumer.store.LocalFileOffsetStore",
                    "org.apache.rocketmq.client.impl.factory.MQClientInstance")) {
                try {
                    Class.forName(name, true, loader);
                } catch (ClassNotFoundException e) {
                    if (!name.endsWith("ClientLogger")) throw new AssertionError("no " + name + " in " + peer, e);
                }
            }
            Object chosen = loader.loadClass("org.apache.rocketmq.remoting.protocol.RemotingCommand")
                    .getMethod("getSerializeTypeConfigInThisServer")
                    .invoke(null);
            if (!String.valueOf(chosen).equals(headers)) throw new AssertionError("headers are " + chosen);
            return loader;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("cannot look into " + peer, e);
        } finally {
            Thread.currentThread().setContextClassLoader(caller);
            before.forEach((name, value) -> {
                if (value.isEmpty()) System.clearProperty(name);
                else System.setProperty(name, value);
            });
        }
    }

    private static Path compiled(String peer, String... sources) {
        return COMPILED.computeIfAbsent(peer + String.join(" ", sources), key -> compile(peer, sources));
    }

    private static Path compile(String peer, String... sources) {
        Path out = Folders.ofRun().resolve("classes-" + peer + "-" + sources[0].replaceAll("\\W", "-"));
        List<String> args = new ArrayList<>(List.of("-nowarn", "-proc:none", "--release", "17", "-d", out.toString()));
        args.add("-cp");
        args.add(property("vostok.testClasses", "target/test-classes") + ":"
                + String.join(":", jars(peer).stream().map(Path::toString).toList()));
        for (String source : sources) {
            args.add(Path.of("src/test/clients").resolve(source).toString());
        }
        try {
            Files.createDirectories(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        java.io.ByteArrayOutputStream errors = new java.io.ByteArrayOutputStream();
        int code = ToolProvider.getSystemJavaCompiler().run(null, errors, errors, args.toArray(String[]::new));
        if (code != 0)
            throw new AssertionError("sources do not compile against " + peer + ":\n"
                    + errors.toString(java.nio.charset.StandardCharsets.UTF_8));
        return out;
    }

    private static Path folder(String peer) {
        Path folder = Path.of(property("vostok.peers", "target/peers"), peer);
        if (!Files.isDirectory(folder))
            throw new AssertionError("no " + folder + ": run mvn verify, which fetches the peers before *IT");
        return folder;
    }

    private static List<Path> jars(String peer) {
        try (Stream<Path> files = Files.list(folder(peer))) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static URL url(Path path) {
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new AssertionError(e);
        }
    }

    static String property(String name, String fallback) {
        return System.getProperty(name, fallback);
    }

    /** Shows a client nothing of ours but the interfaces it is spoken to by: our Netty must not meet its Netty. */
    private static final class ApiOnly extends ClassLoader {
        ApiOnly() {
            super(ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith(API)) return Class.forName(name, false, Peers.class.getClassLoader());
            throw new ClassNotFoundException(name);
        }
    }
}
