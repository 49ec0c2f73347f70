package io.vostok.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Writes {@code docs/configuration.md} and {@code conf/*.yaml} when asked to, and fails when they are stale otherwise. */
class ConfigurationPageTest {
    private static final String AGAIN = "mvn -q test -Dtest=ConfigurationPageTest -Dvostok.regenerate=true";

    @Test
    void pageShowsEverySetting() throws IOException {
        keep(Path.of("docs/configuration.md"), page());
    }

    @Test
    void brokerFileShowsEveryDefault() throws IOException {
        keep(
                Path.of("conf/broker.yaml"),
                yaml("Every setting of a process with its default. Remove the # of what you change.", ""));
    }

    @Test
    void nameserverFileShowsItsDefaults() throws IOException {
        keep(
                Path.of("conf/nameserver.yaml"),
                yaml(
                                "A name server alone. Remove the # of what you change.",
                                "role listen nameserver limits tls threads")
                        .replace("#role: \"broker,nameserver,http\"", "role: nameserver"));
    }

    @Test
    void shippedFilesAreAccepted() {
        Config broker = ConfigLoader.load(Path.of("conf/broker.yaml"), Map.of(), Map.of());
        assertThat(broker).isEqualTo(Config.defaults());
        Config nameserver = ConfigLoader.load(Path.of("conf/nameserver.yaml"), Map.of(), Map.of());
        assertThat(nameserver.roles()).containsExactly(Config.Role.NAMESERVER);
    }

    private static void keep(Path file, String content) throws IOException {
        if (Boolean.getBoolean("vostok.regenerate")) {
            Files.writeString(file, content);
            return;
        }
        assertThat(Files.exists(file) ? Files.readString(file) : "")
                .as("%s is stale; write it anew with: %s", file, AGAIN)
                .isEqualTo(content);
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # Configuration

                Written by `ConfigurationPageTest` from the table in `Settings`; write it anew with
                `%s`.

                Every setting has one name. In a YAML file it stands nested (`store:` then `path:`) or dotted (`store.path:`); as
                an environment variable it is `VOSTOK_STORE_PATH`; as an argument `--store.path=DIR`. An argument beats the
                environment, the environment beats the file, the file beats the default. An unknown name or a value that is not
                allowed stops the start with exit code 2 and one line that names key, value, source and what is allowed.
                Variables `VOSTOK_SERVICE_*` and `VOSTOK_PORT*` are left alone: Kubernetes makes them for a service of that name.

                Sizes are bytes or end in `KiB`, `MiB`, `GiB`, `TiB`; durations end in `ms`, `s`, `m`, `h`, `d`. A setting that is
                not live takes effect at the next start.
                """.formatted(AGAIN));
        String group = "";
        for (Setting setting : Settings.all()) {
            if (!setting.group().equals(group)) {
                group = setting.group();
                page.append("\n## ").append(Settings.groupTitle(group)).append("\n\n");
                page.append("| setting | type | default | allowed | live | meaning |\n|---|---|---|---|---|---|\n");
            }
            String defaultShown =
                    setting.defaultText().isEmpty() ? setting.absent() : "`" + setting.defaultText() + "`";
            page.append("| `")
                    .append(setting.name())
                    .append("` | ")
                    .append(setting.kind().label());
            page.append(" | ").append(defaultShown).append(" | ").append(setting.allowed());
            page.append(" | ")
                    .append(setting.live() ? "yes" : "no")
                    .append(" | ")
                    .append(setting.meaning())
                    .append(" |\n");
        }
        return page.toString();
    }

    private static String yaml(String purpose, String groups) {
        StringBuilder file =
                new StringBuilder("# ").append(purpose).append("\n# Meanings and limits: docs/configuration.md\n");
        String group = "";
        for (Setting setting : Settings.all()) {
            if (!groups.isEmpty() && !(" " + groups + " ").contains(" " + setting.group() + " ")) continue;
            boolean nested = !setting.group().equals(setting.name());
            if (!setting.group().equals(group)) {
                group = setting.group();
                file.append('\n');
                if (nested)
                    file.append("# ")
                            .append(Settings.groupTitle(group))
                            .append('\n')
                            .append(group)
                            .append(":\n");
            }
            String indent = nested ? "  " : "";
            file.append(indent).append("# ").append(setting.meaning());
            if (setting.defaultText().isEmpty())
                file.append(" (unset: ").append(setting.absent()).append(')');
            file.append('\n').append(indent).append('#');
            file.append(setting.name().substring(nested ? group.length() + 1 : 0));
            file.append(": \"").append(setting.defaultText()).append("\"\n");
        }
        return file.toString();
    }
}
