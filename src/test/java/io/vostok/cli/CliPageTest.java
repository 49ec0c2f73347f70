package io.vostok.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Holds {@code docs/cli.md}, the help pages and the completion script to the commands that there are. */
class CliPageTest {
    private static final Path PAGE = Path.of("docs/cli.md");
    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

    private static CommandLine commands() {
        return Cli.commandLine(Cli.SHORT_NAME, null, silent());
    }

    private static Terminal silent() {
        PrintWriter nowhere = new PrintWriter(new StringWriter());
        return new Terminal(InputStream.nullInputStream(), nowhere, nowhere);
    }

    /** Every command that does something, by its words. */
    private static void leaves(CommandLine line, String words, Set<String> found) {
        if (line.getSubcommands().isEmpty()) found.add(words);
        line.getSubcommands().forEach((name, sub) -> leaves(sub, (words + " " + name).strip(), found));
    }

    private static Set<String> leaves() {
        Set<String> found = new TreeSet<>();
        leaves(commands(), "", found);
        return found;
    }

    /** The commands of the page, without what stands before or behind a pipe. */
    private static List<String> examples() throws IOException {
        List<String> examples = new ArrayList<>();
        for (String line : Files.readAllLines(PAGE)) {
            int at = line.indexOf("vostok ");
            if (!line.startsWith("    ") || at < 0 || line.contains("alias") || line.contains("source")) continue;
            String command = line.substring(at + "vostok ".length());
            int pipe = command.indexOf(" | jq");
            examples.add(pipe < 0 ? command : command.substring(0, pipe));
        }
        return examples;
    }

    private static String[] words(String command) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(command);
        while (word.find()) {
            words.add(word.group(1) != null ? word.group(1) : word.group(2) != null ? word.group(2) : word.group(3));
        }
        return words.toArray(String[]::new);
    }

    @Test
    void everyExampleOfThePageIsACommand() throws IOException {
        for (String example : examples()) {
            CommandLine.ParseResult parsed = commands().parseArgs(words(example));
            while (parsed.hasSubcommand()) parsed = parsed.subcommand();
            assertThat(parsed.commandSpec().subcommands()).as(example).isEmpty();
            assertThat(parsed.unmatched()).as(example).isEmpty();
        }
    }

    @Test
    void thePageShowsEveryCommand() throws IOException {
        String page = Files.readString(PAGE);
        assertThat(leaves())
                .hasSizeGreaterThan(40)
                .allSatisfy(words -> assertThat(page).contains("vostok " + words));
    }

    @Test
    void everyCommandAndOptionSaysWhatItIs() {
        for (String words : leaves()) {
            CommandLine line = commands();
            for (String word : words.split(" ", -1))
                line = requireNonNull(line.getSubcommands().get(word));
            assertThat(line.getCommandSpec().usageMessage().description())
                    .as(words)
                    .isNotEmpty();
            for (OptionSpec option : line.getCommandSpec().options()) {
                assertThat(option.description())
                        .as(words + " " + option.longestName())
                        .isNotEmpty();
            }
            String help = line.getUsageMessage();
            assertThat(help).startsWith("Usage: vostok " + words).contains("--url", "--output");
        }
    }

    @Test
    void completionKnowsEveryCommandAndOption() {
        String script = picocli.AutoComplete.bash(Cli.SHORT_NAME, commands());
        for (String words : leaves()) {
            assertThat(script)
                    .contains("function _picocli_vostok_"
                            + words.replace(" ", "_").replace("-", ""));
        }
        assertThat(script).contains("'--property'", "'--with-offsets'").contains("complete -F _complete_vostok");
    }

    @Test
    void helpOfTheServerNamesTheCommands() throws IOException {
        String help = Files.readString(Path.of("src/main/java/io/vostok/HelpText.java"));
        for (String noun : commands().getSubcommands().keySet()) {
            assertThat(help).containsPattern("\\b" + noun + "[,\n]");
            assertThat(Cli.knows(noun)).isTrue();
        }
    }

    @Test
    void whoIsNoCommandIsTheServers() {
        for (String word : List.of("server", "--help", "--store.path=x", "topics", "", "-V")) {
            assertThat(Cli.knows(word)).as(word).isFalse();
        }
    }
}
