package io.vostok.cli;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The commands for who uses a server that runs somewhere. */
@Command(
        description = "Look after a Vostok server, over its HTTP port.",
        footer = {
            "",
            "Exit codes: 0 done, 1 the server refused, 2 wrong usage, 3 no server answered, 4 not confirmed,",
            "5 (doctor) something is worth a look."
        },
        sortOptions = false)
public final class Cli {
    /** As users call the program; the completion script completes {@link #SHORT_NAME}. */
    static final String NAME = "java -jar vostok.jar";

    static final String SHORT_NAME = "vostok";

    private static final String HELP = "help";

    static final int DONE = 0;
    static final int REFUSED = 1;
    static final int WRONG_USAGE = 2;
    static final int NO_SERVER = 3;
    static final int NOT_CONFIRMED = 4;
    static final int WORTH_A_LOOK = 5;

    private static final int WIDTH = 110;
    private static final Map<String, Supplier<Object>> NOUNS = nouns();

    private final Terminal terminal;

    @Option(
            names = "--url",
            scope = ScopeType.INHERIT,
            paramLabel = "URL",
            defaultValue = "${env:VOSTOK_URL:-http://127.0.0.1:8082}",
            description = "The server's HTTP port; also VOSTOK_URL. Default: http://127.0.0.1:8082")
    private String url = "";

    @Option(
            names = {"-o", "--output"},
            scope = ScopeType.INHERIT,
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table (default), json or yaml")
    private Format format = Format.TABLE;

    @Option(
            names = {"-h", "--help"},
            scope = ScopeType.INHERIT,
            usageHelp = true,
            description = "This text")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    private Cli(Terminal terminal) {
        this.terminal = terminal;
    }

    private static Map<String, Supplier<Object>> nouns() {
        Map<String, Supplier<Object>> nouns = new LinkedHashMap<>();
        nouns.put("topic", TopicCommands::new);
        nouns.put("group", GroupCommands::new);
        nouns.put("msg", MsgCommands::new);
        nouns.put("dlq", DlqCommands::new);
        nouns.put("timer", TimerCommands::new);
        nouns.put("transaction", TransactionCommands::new);
        nouns.put("cluster", ClusterCommand::new);
        nouns.put("broker", BrokerCommands::new);
        nouns.put("client", ClientCommands::new);
        nouns.put("doctor", DoctorCommand::new);
        nouns.put("bench", BenchCommand::new);
        nouns.put("generate-completion", CompletionCommand::new);
        return nouns;
    }

    /** Whether {@code word}, the first of a command line, is one of the commands here. */
    public static boolean knows(String word) {
        return NOUNS.containsKey(word) || word.equals(HELP);
    }

    /** Runs the command, whose first word it {@link #knows}, and returns the exit code of the process. */
    public static int run(String[] args, Terminal terminal) {
        String[] words = args;
        if (args[0].equals(HELP)) { // `help topic` is `topic --help`
            words = Arrays.copyOfRange(args, 1, args.length + 1);
            words[args.length - 1] = "--help";
        }
        // Making a command is reflection over its class: only the one that is wanted.
        @Nullable String only = NOUNS.containsKey(words[0]) ? words[0] : null;
        int code = commandLine(NAME, only, terminal).execute(words);
        terminal.out().flush();
        terminal.err().flush();
        return code;
    }

    /** All commands, or {@code only} one; {@code name} stands before them in help. */
    static CommandLine commandLine(String name, @Nullable String only, Terminal terminal) {
        CommandLine line = new CommandLine(new Cli(terminal));
        line.setCommandName(name);
        NOUNS.forEach((noun, make) -> {
            if (only == null || only.equals(noun)) line.addSubcommand(noun, make.get());
        });
        line.setOut(terminal.out());
        line.setErr(terminal.err());
        line.setUsageHelpWidth(WIDTH);
        line.setUsageHelpLongOptionsMaxWidth(WIDTH / 3);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((problem, command, parsed) -> tell(problem, terminal));
        line.setParameterExceptionHandler((problem, words) -> {
            terminal.say(SHORT_NAME + ": " + problem.getMessage());
            CommandLine.UnmatchedArgumentException.printSuggestions(problem, terminal.err());
            terminal.say("see " + problem.getCommandLine().getCommandSpec().qualifiedName() + " --help");
            return WRONG_USAGE;
        });
        return line;
    }

    private static int tell(Exception problem, Terminal terminal) throws Exception {
        terminal.out().flush();
        if (problem instanceof ApiException refusal) {
            terminal.say(SHORT_NAME + ": " + Table.harmless(String.valueOf(refusal.getMessage())));
            if (!refusal.hint().isEmpty()) terminal.say("hint: " + Table.harmless(refusal.hint()));
            return refusal.reached() ? REFUSED : NO_SERVER;
        }
        if (problem instanceof Terminal.NotConfirmedException) {
            terminal.say(SHORT_NAME + ": " + problem.getMessage());
            return NOT_CONFIRMED;
        }
        throw problem;
    }

    Api api() {
        return new Api(url);
    }

    Output output() {
        return new Output(format, terminal.out());
    }

    Terminal terminal() {
        return terminal;
    }

    /** The name in small letters, as people write it. */
    static String small(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }
}
