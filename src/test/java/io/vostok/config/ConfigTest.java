package io.vostok.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigTest {
    @TempDir
    Path folder = Path.of("");

    @Test
    void startsWithNothingSet() {
        Config config = Config.defaults();
        assertThat(config.roles()).containsExactlyInAnyOrder(Config.Role.values());
        assertThat(config.broker().port()).isEqualTo(10_911);
        assertThat(config.broker().vipPort()).isEqualTo(10_909);
        assertThat(config.broker().advertisedHost()).isEqualTo("127.0.0.1");
        assertThat(config.broker().nameservers()).containsExactly(new HostPort("127.0.0.1", 9_876));
        assertThat(config.store().segmentBytes()).isEqualTo(1 << 30);
        assertThat(config.pull().holdTime()).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void argumentBeatsEnvironmentBeatsFileBeatsDefault() throws IOException {
        Path file = file("broker:\n  name: from-file\n  cluster: from-file\n  region: from-file\n");
        Config config = ConfigLoader.load(
                file,
                Map.of("VOSTOK_BROKER_NAME", "from-environment", "VOSTOK_BROKER_CLUSTER", "from-environment"),
                Map.of("broker.name", "from-argument"));
        assertThat(config.broker().name()).isEqualTo("from-argument");
        assertThat(config.broker().cluster()).isEqualTo("from-environment");
        assertThat(config.broker().region()).isEqualTo("from-file");
    }

    @Test
    void readsRatesByNameAndRefusesWhatIsNone() {
        Config config = Config.of(Map.of("limits.topicRates", "orders=500, *=10000,free=0"));

        assertThat(config.limits().topicRates()).isEqualTo(Map.of("orders", 500L, "*", 10_000L, "free", 0L));
        assertThat(config.limits().groupRates()).isEmpty();
        for (String wrong : new String[] {"orders", "orders=", "=5", "orders=-1", "orders=1,orders=2", "orders=1,"}) {
            assertThatThrownBy(() -> Config.of(Map.of("limits.topicRates", wrong)))
                    .as(wrong)
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("limits.topicRates must be none, or name=number separated by commas");
        }
    }

    @Test
    void readsNestedAndDottedNamesAndLists() throws IOException {
        Path file = file("""
                store.path: /a
                store:
                  flush: sync
                  retention: 48h
                  segmentBytes: 64MiB
                broker:
                  nameservers: [one:1, 'two:2']
                role: broker
                """);
        Config config = ConfigLoader.load(file, Map.of(), Map.of());
        assertThat(config.store().path()).isEqualTo(Path.of("/a"));
        assertThat(config.store().flush()).isEqualTo(Config.Flush.SYNC);
        assertThat(config.store().retention()).isEqualTo(Duration.ofDays(2));
        assertThat(config.store().segmentBytes()).isEqualTo(64 << 20);
        assertThat(config.broker().nameservers()).isEqualTo(List.of(new HostPort("one", 1), new HostPort("two", 2)));
    }

    @Test
    void takesGroupWhoseSettingsAreAllCommentedOut() throws IOException {
        Path file = file("store:\n  # path: /a\nbroker:\n");
        assertThat(ConfigLoader.load(file, Map.of(), Map.of())).isEqualTo(Config.defaults());
    }

    @Test
    void namesFileAndLineOfWrongValue() throws IOException {
        Path file = file("# one\nstore:\n  segmentBytes: 1000\n");
        failure(file, Map.of(), Map.of())
                .hasMessage("store.segmentBytes must be a multiple of 4096, was 1000 (" + file + ":3)");
    }

    @Test
    void namesEnvironmentVariableOfWrongValue() {
        failure(null, Map.of("VOSTOK_STORE_FLUSH", "later"), Map.of())
                .hasMessage("store.flush must be one of ASYNC, SYNC, was later (environment VOSTOK_STORE_FLUSH)");
    }

    @Test
    void namesArgumentOfWrongValue() {
        failure(null, Map.of(), Map.of("pull.holdTime", "40s"))
                .hasMessage("pull.holdTime must be from 0ms to 29s, was 40s (argument --pull.holdTime)");
    }

    @Test
    void suggestsNearestNameInEverySource() throws IOException {
        Path file = file("store:\n  segmentByte: 1GiB\n");
        failure(file, Map.of(), Map.of())
                .hasMessage("store.segmentByte is not a setting (" + file + ":2); did you mean store.segmentBytes?");
        failure(null, Map.of("VOSTOK_STOREPATH", "/a"), Map.of())
                .hasMessageContaining("VOSTOK_STOREPATH is not a setting")
                .hasMessageEndingWith("did you mean VOSTOK_STORE_PATH?");
        failure(null, Map.of(), Map.of("brker.port", "1"))
                .hasMessage("--brker.port is not a setting (argument); did you mean --broker.port?");
    }

    @Test
    void leavesVariablesOfKubernetesAlone() {
        Map<String, String> environment = Map.of(
                "VOSTOK_SERVICE_HOST", "10.0.0.1", "VOSTOK_PORT", "tcp://10.0.0.1:9876", "VOSTOK_PORT_9876_TCP", "x");
        assertThat(ConfigLoader.load(null, environment, Map.of())).isEqualTo(Config.defaults());
    }

    @Test
    void refusesSameNameTwiceInFile() throws IOException {
        failure(file("store.path: /a\nstore:\n  path: /b\n"), Map.of(), Map.of())
                .hasMessageContaining("store.path is set twice");
    }

    @Test
    void saysWhatIsWrongWithFileAsWhole() throws IOException {
        Path missing = folder.resolve("none.yaml");
        failure(missing, Map.of(), Map.of()).hasMessage("configuration file " + missing + " does not exist");
        failure(file("a: b: c"), Map.of(), Map.of()).hasMessageContaining(":1 is not YAML");
        failure(file("- a"), Map.of(), Map.of()).hasMessageContaining("must hold settings as name: value");
    }

    @Test
    void refusesSettingsThatContradictEachOther() {
        failure(null, Map.of(), Map.of("broker.port", "9876"))
                .hasMessageContaining("nameserver.port must differ from broker.port, both were 9876");
        failure(null, Map.of(), Map.of("role", "broker"))
                .hasMessageContaining("broker.nameservers must name at least one");
        failure(null, Map.of(), Map.of("tls.keyFile", "key.pem"))
                .hasMessageContaining("together with tls.certificateFile");
        failure(null, Map.of(), Map.of("store.diskCleanRatio", "0.88"))
                .hasMessage("store.diskCleanRatio must be at most store.diskForceRatio (0.85), was 0.88"
                        + " (argument --store.diskCleanRatio)");
        failure(null, Map.of(), Map.of("limits.frameBytes", "1MiB"))
                .hasMessageContaining("above store.maxMessageBytes");
    }

    @Test
    void everyRowIsExplainedAndItsDefaultAllowed() {
        for (Setting setting : Settings.all()) {
            if (!setting.defaultText().isEmpty()) setting.parse(setting.defaultText());
            assertThat(setting.meaning()).as(setting.name()).isNotBlank().doesNotEndWith(".");
            assertThat(Settings.groupTitle(setting.group())).isNotBlank();
        }
    }

    @Test
    void splitsNamesForEnvironment() {
        assertThat(Settings.get("store.segmentBytes").environmentName()).isEqualTo("VOSTOK_STORE_SEGMENT_BYTES");
        assertThat(Settings.get("role").environmentName()).isEqualTo("VOSTOK_ROLE");
    }

    @Test
    void refusesSizesAndDurationsThatOverflowOrLackUnit() {
        failure(null, Map.of(), Map.of("limits.inFlightBytes", "999999999999999999TiB"))
                .hasMessageContaining("from 64KiB");
        failure(null, Map.of(), Map.of("store.retention", "72"))
                .hasMessageContaining("store.retention must be from 1m");
        failure(null, Map.of(), Map.of("store.retention", "999999999999999d")).hasMessageContaining("store.retention");
    }

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("broker.yaml"), content);
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> failure(
            @Nullable Path file, Map<String, String> environment, Map<String, String> arguments) {
        return assertThatThrownBy(() -> ConfigLoader.load(file, environment, arguments))
                .isInstanceOf(ConfigException.class);
    }
}
