package io.vostok.front.http;

import io.netty.util.internal.PlatformDependent;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vostok.broker.topic.BrokerIdentity;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the process may use of its machine, and what it uses. One per event loop; reads on a worker. */
final class ProcessApi {
    private static final Path SELF = Path.of("/proc/self");
    private static final long KIB = 1_024;
    /** A container without a limit says a number beyond any machine. */
    private static final long NO_LIMIT = 1L << 60;

    private final Vertx vertx;
    private final BrokerIdentity identity;

    ProcessApi(Vertx vertx, BrokerIdentity identity) {
        this.vertx = vertx;
        this.identity = identity;
    }

    /** Tells memory, files and mappings; leaves out what this kind of machine does not tell. */
    void get(RoutingContext request) {
        String name = request.pathParam("broker");
        if (!name.equals(identity.name())) {
            throw new Problem.Found(
                    Problem.notFound("broker `" + name + "` is not here; this is `" + identity.name() + "`"));
        }
        Answers.when(request, vertx.executeBlocking(ProcessApi::read), json -> Answers.json(request, 200, json));
    }

    private static JsonObject read() {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        JsonObject json = new JsonObject()
                .put("pid", ProcessHandle.current().pid())
                .put("java", Runtime.version().toString())
                .put("processors", Runtime.getRuntime().availableProcessors())
                .put("heapUsedBytes", heap.getUsed())
                .put("heapMaxBytes", heap.getMax())
                .put("directUsedBytes", Math.max(0, PlatformDependent.usedDirectMemory()))
                .put("directMaxBytes", PlatformDependent.maxDirectMemory());
        put(json, "residentBytes", scaled(line(SELF.resolve("status"), "VmRSS:"), KIB));
        put(json, "machineBytes", machineBytes());
        put(json, "openFiles", entries(SELF.resolve("fd")));
        put(json, "maxOpenFiles", line(SELF.resolve("limits"), "Max open files"));
        put(json, "mappings", lines(SELF.resolve("maps")));
        put(json, "maxMappings", line(Path.of("/proc/sys/vm/max_map_count"), ""));
        return json;
    }

    /** What the container has, where there is one and it has less than the machine. */
    private static @Nullable Long machineBytes() {
        @Nullable Long machine = scaled(line(Path.of("/proc/meminfo"), "MemTotal:"), KIB);
        @Nullable Long container = line(Path.of("/sys/fs/cgroup/memory.max"), "");
        if (container == null) container = line(Path.of("/sys/fs/cgroup/memory/memory.limit_in_bytes"), "");
        if (machine == null || container == null || container > NO_LIMIT) return machine;
        return Math.min(machine, container);
    }

    private static void put(JsonObject json, String name, @Nullable Long value) {
        if (value != null) json.put(name, value);
    }

    private static @Nullable Long scaled(@Nullable Long value, long factor) {
        return value == null ? null : value * factor;
    }

    /** The first number behind {@code start} on the line that begins with it; null where there is none. */
    private static @Nullable Long line(Path file, String start) {
        // Files of this kind give all to the first read, which must be large enough; readString begins with a byte.
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith(start))
                    .map(line -> line.substring(start.length()).strip().split("\\s+", 2)[0])
                    .filter(word -> word.matches("[0-9]{1,18}"))
                    .findFirst()
                    .map(Long::valueOf)
                    .orElse(null);
        } catch (IOException e) {
            return null; // another kind of machine
        }
    }

    private static @Nullable Long entries(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        } catch (IOException e) {
            return null; // another kind of machine
        }
    }

    private static @Nullable Long lines(Path file) {
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return lines.count();
        } catch (IOException e) {
            return null; // another kind of machine
        }
    }
}
