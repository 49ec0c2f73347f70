package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vostok.it.kit.Child;
import io.vostok.it.kit.Folders;
import io.vostok.it.kit.Ports;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.VostokServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code vostok bench} against the real jar: every mode moves messages and says how many. */
class BenchIT {
    private static VostokServer server;

    private final Path folder = Folders.make("bench");

    @BeforeAll
    static void start() {
        server = VostokServer.start(ServerSpec.plain());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void whatIsSentIsPulledPoppedAndCounted() throws IOException {
        JsonNode sent = bench("send", "--topic", "counted", "--size", "100");
        JsonNode pulled = bench("pull", "--topic", "counted", "-c", "1", "--in-flight", "1", "--sql", "n > 4");
        JsonNode popped = bench("pop", "--topic", "counted");

        assertThat(sent.path("messages").asLong()).isPositive();
        assertThat(sent.path("bytes").asLong())
                .isEqualTo(100 * sent.path("messages").asLong());
        assertThat(sent.path("latencyMicros").path("p99").asDouble()).isPositive();
        assertThat(pulled.path("messages").asLong()).isPositive();
        assertThat(popped.path("messages").asLong()).isPositive();
    }

    @Test
    void batchesTransactionsAndEndToEndMoveMessages() throws IOException {
        assertThat(bench("send", "--topic", "batches", "--batch", "32")
                                .path("messages")
                                .asLong()
                        % 32)
                .isZero();
        assertThat(bench("transaction", "--topic", "halves", "-c", "1")
                        .path("messages")
                        .asLong())
                .isPositive();
        assertThat(bench("end-to-end", "--topic", "ends", "--rate", "200")
                        .path("messages")
                        .asLong())
                .isPositive();
    }

    @Test
    void saysWhatIsWrong() {
        Child usage = run(List.of("bench", "sned"));
        assertThat(usage.await(Duration.ofMinutes(1))).isEqualTo(2);
        assertThat(String.join("\n", usage.lines()))
                .contains("MODE must be one of send,")
                .contains("'sned'");

        int nobody = Ports.free();
        Child unreachable = run(List.of("bench", "send", "--nameserver", "127.0.0.1:" + nobody));
        assertThat(unreachable.await(Duration.ofMinutes(1))).isEqualTo(3);
        assertThat(String.join("\n", unreachable.lines())).contains("cannot connect to 127.0.0.1:" + nobody);
    }

    private JsonNode bench(String... args) throws IOException {
        List<String> all = new ArrayList<>(List.of("bench"));
        all.addAll(List.of(args));
        all.addAll(List.of("--nameserver", server.nameServer(), "--warm-up", "0", "--seconds", "1", "-o", "json"));
        Child child = run(all);
        int code = child.await(Duration.ofMinutes(1));
        String said = String.join("\n", child.lines());
        assertThat(code).as(said).isZero();
        return new ObjectMapper().readTree(said.substring(said.indexOf("{\n")));
    }

    private Child run(List<String> args) {
        List<String> command =
                new ArrayList<>(List.of("-Xmx128m", "-jar", VostokServer.jar().toString()));
        command.addAll(args);
        return Child.java("bench-" + System.nanoTime(), folder, command);
    }
}
