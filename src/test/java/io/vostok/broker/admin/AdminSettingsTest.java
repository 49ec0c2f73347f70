package io.vostok.broker.admin;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.Ruling;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdminSettingsTest {
    private final AdminSettings settings = new AdminSettings(
            new LiveSettings(6, true, true, true, Duration.ofMinutes(90), 4),
            Map.of("brokerName", "b", "storePathRootDir", "data"));

    @Test
    void changesWhatARunningBrokerTakes() {
        AdminSettings changed = settings.with(Map.of(
                        "brokerPermission", "4",
                        "autoCreateTopicEnable", "FALSE",
                        "traceOn", "false",
                        "deleteWhen", "-1"))
                .value();

        assertThat(changed.live()).isEqualTo(new LiveSettings(4, false, true, false, Duration.ofMinutes(90), -1));
        assertThat(changed.values()).containsEntry("brokerPermission", "4").containsEntry("brokerName", "b");
    }

    @Test
    void changesNothingWhenOneOfManyIsWrong() {
        assertThat(words(settings.with(Map.of("traceOn", "false", "brokerPermission", "7"))))
                .contains("brokerPermission must be 0, 2 (write), 4 (read) or 6 (both), was 7");
    }

    @Test
    void refusesNamesOfFilesAndCommandsWhateverTheyAre() {
        for (String name : new String[] {
            "rocketmqHome", "brokerConfigPath", "configBlackList", "kvConfigPath", "FilterServerShell", "x.script"
        }) {
            assertThat(refusal(settings.with(Map.of(name, "/bin/sh")))).as(name).isEqualTo(Refusal.FORBIDDEN);
        }
    }

    /** So that none of them, a later one included, can name a file, an address or a command. */
    @Test
    void everyLiveSettingTakesNumbersAndFlagsOnly() {
        for (String name : settings.liveValues().keySet()) {
            for (String text : new String[] {"/bin/sh", "$(id)", "data", "true;id", "4 4", "host:1", ""}) {
                assertThat(refusal(settings.with(Map.of(name, text))))
                        .as("%s=%s", name, text)
                        .isEqualTo(Refusal.INVALID_ARGUMENT);
            }
        }
    }

    @Test
    void refusesWhatIsUnknownOrNeedsARestart() {
        assertThat(words(settings.with(Map.of("brokerName", "c")))).contains("brokerName needs a restart");
        assertThat(words(settings.with(Map.of("storePathRootDir", "/")))).contains("needs a restart");
        assertThat(words(settings.with(Map.of("filterServerNums", "1")))).contains("is unknown");
        assertThat(refusal(settings.with(Map.of()))).isEqualTo(Refusal.INVALID_ARGUMENT);
    }

    private static Refusal refusal(Ruling<AdminSettings> ruling) {
        return requireNonNull(ruling.refused()).refusal();
    }

    private static String words(Ruling<AdminSettings> ruling) {
        return requireNonNull(ruling.refused()).words();
    }
}
