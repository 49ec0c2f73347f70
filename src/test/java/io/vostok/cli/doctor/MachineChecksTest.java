package io.vostok.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vostok.time.ManualClock;
import io.vostok.time.SystemClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineChecksTest {
    private static final long GIB = 1L << 30;

    private final ManualClock clock = new ManualClock(1_000_000);
    private final MachineChecks checks = new MachineChecks(clock);

    private static ObjectNode json() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static JsonNode broker(double used, boolean writable) {
        return json().put("diskUsed", used)
                .put("diskFreeBytes", GIB)
                .put("logBytes", 3 * GIB)
                .put("writable", writable);
    }

    @Test
    void warnsOfADiskFromWhichMessagesAreDeletedEarly() {
        assertThat(checks.disk(broker(0.74, true), 75).state()).isEqualTo(Finding.State.OK);
        assertThat(checks.disk(broker(0.75, true), 75).advice()).contains("from 75%");
        assertThat(checks.disk(broker(0.5, false), 75).state()).isEqualTo(Finding.State.FAIL);
    }

    @Test
    void forcesAFileAndLeavesNothing(@TempDir Path store) throws IOException {
        Finding found = new MachineChecks(new SystemClock()).flush(store);
        assertThat(found.state()).isIn(Finding.State.OK, Finding.State.WARN);
        assertThat(found.words()).matches("4 KiB take [0-9.]+ ms, at most [0-9.]+ ms");
        try (Stream<Path> left = Files.list(store)) {
            assertThat(left).isEmpty();
        }
        assertThat(checks.flush(store.resolve("elsewhere")).state()).isEqualTo(Finding.State.SKIPPED);
    }

    @Test
    void comparesClocksAsExactlyAsTheAnswerTook() {
        long asked = clock.wallMillis();
        clock.advance(Duration.ofSeconds(5));
        assertThat(checks.clock(asked + 4_000, asked).state()).isEqualTo(Finding.State.OK);
        assertThat(checks.clock(asked - 999, asked).state()).isEqualTo(Finding.State.OK);
        assertThat(checks.clock(asked - 1_000, asked).words()).contains("1000 ms behind");
        assertThat(checks.clock(asked + 7_000, asked).words()).contains("2000 ms ahead of");
        assertThat(checks.clock(asked + 65_000, asked).state()).isEqualTo(Finding.State.FAIL);
    }

    @Test
    void warnsBeforeTheMachineEndsTheProcess() {
        ObjectNode process = json().put("heapUsedBytes", GIB)
                .put("heapMaxBytes", GIB)
                .put("directUsedBytes", 0)
                .put("directMaxBytes", GIB)
                .put("residentBytes", GIB)
                .put("machineBytes", GIB);
        assertThat(checks.memory(process))
                .extracting(Finding::state)
                .containsExactly(Finding.State.WARN, Finding.State.OK, Finding.State.WARN);
        process.put("machineBytes", 2 * GIB).put("heapUsedBytes", GIB / 2);
        assertThat(checks.memory(process)).extracting(Finding::state).containsOnly(Finding.State.OK);
        process.remove("machineBytes");
        assertThat(checks.memory(process).get(2).state()).isEqualTo(Finding.State.SKIPPED);
    }

    @Test
    void warnsOfFewFilesAndOfManyQueues() {
        ObjectNode process = json().put("openFiles", 30)
                .put("maxOpenFiles", 20_000)
                .put("mappings", 300)
                .put("maxMappings", 65_530);
        assertThat(checks.limits(process, 100)).extracting(Finding::state).containsOnly(Finding.State.OK);
        assertThat(checks.limits(process, 50_000).get(1).advice()).contains("vm.max_map_count=262120");
        assertThat(checks.limits(process.put("maxOpenFiles", 1_024), 100).get(0).state())
                .isEqualTo(Finding.State.WARN);
        assertThat(checks.limits(json(), 100)).extracting(Finding::state).containsOnly(Finding.State.SKIPPED);
    }
}
