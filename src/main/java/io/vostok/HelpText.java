package io.vostok;

import io.vostok.config.Setting;
import io.vostok.config.Settings;

/** What {@code --help} prints; the settings come from their table. */
final class HelpText {
    private static final String INTRODUCTION = """
            Vostok: a message broker that RocketMQ clients use as they are. One process holds the broker and its name
            server; messages are kept on disk.

            Usage: java -jar vostok.jar [server] [--config FILE] [--SETTING=VALUE ...]
                   java -jar vostok.jar COMMAND ...   to look after a server that runs; COMMAND --help tells more

            Examples:
              java -jar vostok.jar
                  everything in one process: name server on port 9876, broker on 10911, store in ./data
              java -jar vostok.jar --store.path=/var/lib/vostok --store.flush=SYNC
                  another folder, and every message on disk before it is acknowledged
              java -jar vostok.jar --role=broker --broker.nameservers="ns1:9876;ns2:9876" --listen.host=0.0.0.0
                  a broker alone, known to two name servers, reachable from other machines

            Commands:
              topic, group, msg, dlq, timer, transaction, cluster, broker, client, doctor, bench,
              generate-completion, help

            Options:
              --config FILE   settings from a YAML file
              -h, --help      this text
              -V, --version   the version

            Settings. Each has the same name in the file (store.path), as an argument (--store.path=DIR) and, in capitals,
            as an environment variable (VOSTOK_STORE_PATH). An argument beats the environment, which beats the file.
            """;

    private static final String EXIT_CODES = """

            Exit codes: 0 stopped in order (SIGTERM), 1 failed, 2 wrong configuration, 3 the store is used by another process.
            """;

    private HelpText() {}

    static String server() {
        StringBuilder text = new StringBuilder(INTRODUCTION);
        String group = "";
        for (Setting setting : Settings.all()) {
            if (!setting.group().equals(group)) {
                group = setting.group();
                text.append('\n').append(Settings.groupTitle(group)).append(":\n");
            }
            text.append("  --").append(setting.name());
            text.append("=<").append(setting.kind().label()).append(">  (").append(setting.defaultShown());
            text.append(")\n      ").append(setting.meaning());
            if (!setting.words().isEmpty()) text.append(". ").append(String.join(", ", setting.words()));
            text.append('\n');
        }
        return text.append(EXIT_CODES).toString();
    }
}
