package io.vostok;

import io.vostok.config.Config;
import io.vostok.config.ConfigException;
import io.vostok.config.ConfigLoader;
import io.vostok.config.Setting;
import io.vostok.config.Settings;
import io.vostok.front.remoting.CannotListenException;
import io.vostok.role.LastResort;
import io.vostok.role.Server;
import io.vostok.store.StoreException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Unmatched;

/** Runs the roles of this process until it is told to stop. Main thread. */
@Command(name = "server")
final class ServerCommand implements Callable<Integer> {
    static final int FAILED = 1;
    static final int WRONG_CONFIGURATION = 2;
    static final int STORE_IN_USE = 3;

    @Option(names = "--config", paramLabel = "FILE")
    private @Nullable Path file;

    @Option(names = {"-h", "--help"})
    private boolean help;

    @Option(names = {"-V", "--version"})
    private boolean version;

    @Unmatched
    private List<String> unknown = new ArrayList<>();

    private Map<String, String> settings = new HashMap<>();

    /** Returns a command line for {@code command} with an option for each row of the table of settings. */
    static CommandLine commandLine(ServerCommand command) {
        CommandLine line = new CommandLine(command);
        for (Setting setting : Settings.all()) {
            line.getCommandSpec()
                    .addOption(OptionSpec.builder("--" + setting.name())
                            .type(String.class)
                            .arity("1")
                            .paramLabel("<" + setting.kind().label() + ">")
                            .build());
        }
        line.setParameterExceptionHandler((problem, args) -> {
            complain(System.err, problem.getMessage());
            return WRONG_CONFIGURATION;
        });
        line.setExecutionStrategy(ServerCommand::execute);
        return line;
    }

    private static int execute(ParseResult parsed) {
        ParseResult last = parsed.hasSubcommand() ? parsed.subcommand() : parsed;
        ServerCommand command = (ServerCommand) last.commandSpec().userObject();
        take(parsed, command);
        if (last != parsed) {
            ServerCommand outer = (ServerCommand) parsed.commandSpec().userObject();
            if (command.file == null) command.file = outer.file;
            command.unknown.addAll(outer.unknown);
            take(last, command);
        }
        return command.call();
    }

    private static void take(ParseResult parsed, ServerCommand command) {
        for (OptionSpec option : parsed.matchedOptions()) {
            String name = option.longestName().substring(2);
            Object value = option.getValue();
            if (Settings.find(name) != null && value != null) command.settings.put(name, value.toString());
        }
    }

    @Override
    public Integer call() {
        if (help) {
            System.out.print(HelpText.server());
            return 0;
        }
        if (version) {
            System.out.println("vostok " + Server.version());
            return 0;
        }
        try {
            refuseUnknown();
            return serve(ConfigLoader.load(file, System.getenv(), settings));
        } catch (ConfigException e) {
            complain(System.err, e.getMessage());
            return WRONG_CONFIGURATION;
        } catch (StoreException e) {
            complain(System.err, e.getMessage());
            return e.kind() == StoreException.Kind.IN_USE ? STORE_IN_USE : FAILED;
        }
    }

    private void refuseUnknown() {
        for (String argument : unknown) {
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            if (!name.startsWith("--")) throw new ConfigException(argument, "is not understood (argument); see --help");
            ConfigLoader.refuseArgument(name.substring(2));
        }
    }

    private static int serve(Config config) {
        Logger log = LoggerFactory.getLogger(ServerCommand.class);
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> LastResort.handle(failure));
        Server server;
        try {
            server = Server.start(config);
        } catch (ConfigException | StoreException e) {
            throw e;
        } catch (CannotListenException e) {
            complain(System.err, e.getMessage());
            return FAILED;
        } catch (RuntimeException e) {
            log.error("start failed: {}", e.getMessage(), e);
            return FAILED;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, log), "stop"));
        sayReady(config, server, log);
        try {
            new CountDownLatch(1).await(); // the hook ends the process
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }

    private static void sayReady(Config config, Server server, Logger log) {
        for (String port : server.ports()) log.info("listening {}", port);
        log.info(
                "store path={} flush={}",
                config.store().path().toAbsolutePath().normalize(),
                config.store().flush());
        Runtime runtime = Runtime.getRuntime();
        log.info("memory heap<={}MiB processors={}", runtime.maxMemory() >> 20, runtime.availableProcessors());
        long millis = ManagementFactory.getRuntimeMXBean().getUptime();
        log.info("ready version={} roles={} in={}ms", Server.version(), config.roles(), millis);
    }

    /** Closes in order, then ends with 0: by itself the JVM would report a signal's 143. */
    private static void stop(Server server, Logger log) {
        int exit = 0;
        try {
            server.close();
            log.info("stopped");
        } catch (RuntimeException e) {
            log.error("stop failed: {}", e.getMessage(), e);
            exit = FAILED;
        }
        Runtime.getRuntime().halt(exit);
    }

    private static void complain(PrintStream err, @Nullable String message) {
        err.println("vostok: " + message);
    }
}
