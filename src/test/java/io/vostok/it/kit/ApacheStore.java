package io.vostok.it.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What Apache's own store classes find in a store folder; read in a JVM of its own, from a copy of the folder. */
public final class ApacheStore {
    /** One message as Apache's store gave it out. */
    public record Item(
            String topic,
            int queue,
            long queueOffset,
            long logPosition,
            byte[] body,
            int flag,
            int sysFlag,
            long bornMillis,
            long storedMillis,
            int reconsumeTimes,
            Map<String, String> properties) {

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    private final List<Item> records = new ArrayList<>();
    private final Map<String, Integer> topics = new HashMap<>();
    private final List<String> groups = new ArrayList<>();
    private final Map<String, Long> offsets = new HashMap<>();
    private final Map<String, List<Long>> found = new HashMap<>();
    private boolean whole;

    private ApacheStore() {}

    /** Opens a copy of {@code store} with Apache's classes and reads all of it. */
    public static ApacheStore read(Path store, int segmentBytes) {
        return read(store, segmentBytes, List.of());
    }

    /** As {@link #read(Path, int)}, and asks its key index for {@code keys}, each {@code topic#key}. */
    public static ApacheStore read(Path store, int segmentBytes, List<String> keys) {
        Path folder = Folders.make("dump");
        Path copy = folder.resolve("store");
        copy(store, copy);
        Path out = folder.resolve("facts");
        Child child = Child.java(
                "dump",
                folder,
                List.of(
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
                        "-Duser.home=" + folder,
                        "-cp",
                        Peers.serverClassPath("io/vostok/it/apache/StoreDump.java"),
                        "io.vostok.it.apache.StoreDump",
                        copy.toString(),
                        "" + segmentBytes,
                        out.toString(),
                        String.join(";", keys)));
        int code = child.await(Duration.ofMinutes(3));
        if (code != 0) throw new AssertionError("Apache could not read " + store + ": " + code + "\n" + child.tail());
        ApacheStore found = new ApacheStore();
        try (Stream<String> lines = Files.lines(out)) {
            lines.forEach(line -> found.add(line.split("\t", -1)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!found.whole) throw new AssertionError("the dump of " + store + " ended early\n" + child.tail());
        Folders.delete(copy);
        return found;
    }

    /** The messages of a topic, queue after queue, each in its order. */
    public List<Item> of(String topic) {
        return records.stream().filter(each -> each.topic().equals(topic)).toList();
    }

    /** Positions in the log to which the key index leads from {@code topic#key}. */
    public List<Long> found(String topicAndKey) {
        return found.getOrDefault(topicAndKey, List.of());
    }

    /** Queues by topic, of topics.json. */
    public Map<String, Integer> topics() {
        return topics;
    }

    public List<String> groups() {
        return groups;
    }

    /** Of consumerOffset.json; the key is {@code topic@group/queue}. */
    public Map<String, Long> offsets() {
        return offsets;
    }

    private void add(String[] f) {
        switch (f[0]) {
            case "message" ->
                records.add(new Item(
                        f[1],
                        Integer.parseInt(f[2]),
                        Long.parseLong(f[3]),
                        Long.parseLong(f[4]),
                        Base64.getDecoder().decode(f[5]),
                        Integer.parseInt(f[6]),
                        Integer.parseInt(f[7]),
                        Long.parseLong(f[8]),
                        Long.parseLong(f[9]),
                        Integer.parseInt(f[10]),
                        properties(f[11])));
            case "topic" -> topics.put(f[1], Integer.parseInt(f[2]));
            case "group" -> groups.add(f[1]);
            case "offset" -> offsets.put(f[1] + "/" + f[2], Long.parseLong(f[3]));
            case "found" ->
                found.computeIfAbsent(f[1], none -> new ArrayList<>()).add(Long.parseLong(f[2]));
            case "end" -> whole = true;
            default -> {} // bounds of queues and log: for a look into the file
        }
    }

    private static Map<String, String> properties(String text) {
        Map<String, String> all = new HashMap<>();
        for (String pair : text.split(";", -1)) {
            if (pair.isEmpty()) continue;
            int between = pair.indexOf(':');
            all.put(decode(pair.substring(0, between)), decode(pair.substring(between + 1)));
        }
        return all;
    }

    private static String decode(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }

    /** Copies files with their holes: a key index of 400 MiB is mostly nothing. */
    private static void copy(Path source, Path target) {
        try {
            Files.createDirectories(target.getParent());
            Process process = new ProcessBuilder("cp", "-a", "--sparse=always", source.toString(), target.toString())
                    .inheritIO()
                    .start();
            if (process.waitFor() != 0) throw new AssertionError("could not copy " + source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
