package io.vostok;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.config.Setting;
import io.vostok.config.Settings;
import org.junit.jupiter.api.Test;

class ServerCommandTest {
    @Test
    void helpNamesEverySettingWithItsDefault() {
        String help = HelpText.server();
        for (Setting setting : Settings.all()) {
            assertThat(help).contains("--" + setting.name() + "=<").contains(setting.meaning());
            assertThat(help).contains(setting.defaultShown());
        }
    }

    @Test
    void refusesWrongArgumentsWithTheirExitCode() {
        assertThat(run("--store.segmentBytes=1000")).isEqualTo(ServerCommand.WRONG_CONFIGURATION);
        assertThat(run("--store.segmentByte", "4096")).isEqualTo(ServerCommand.WRONG_CONFIGURATION);
        assertThat(run("--store.path")).isEqualTo(ServerCommand.WRONG_CONFIGURATION);
        assertThat(run("--broker.port=1", "--broker.port=2")).isEqualTo(ServerCommand.WRONG_CONFIGURATION);
        assertThat(run("sevrer")).isEqualTo(ServerCommand.WRONG_CONFIGURATION);
        assertThat(run("--config", "conf/none.yaml")).isEqualTo(ServerCommand.WRONG_CONFIGURATION);
    }

    private static int run(String... args) {
        return ServerCommand.commandLine(new ServerCommand()).execute(args);
    }
}
