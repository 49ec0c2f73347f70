package io.vostok;

import io.vostok.cli.Cli;
import io.vostok.cli.Terminal;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/** Starts the process. */
public final class Main {
    private Main() {}

    /** Runs the command that {@code args} name, the server when they name none, and ends the process with its exit code. */
    public static void main(String[] args) {
        if (args.length > 0 && Cli.knows(args[0])) System.exit(Cli.run(args, terminal()));
        // Before any class of chronicle-bytes or Vert.x is loaded: they read these once.
        System.setProperty("mappedFile.retain", "true"); // otherwise a closed file stays mapped
        System.setProperty("mappedFile.defaultSyncMode", "NONE"); // we force ourselves, on a thread of its own
        System.setProperty("background.releaser", "false");
        System.setProperty("disable.perf.info", "true");
        System.setProperty("chronicle.announcer.disable", "true"); // its banner
        System.setProperty("chronicle.analytics.disable", "true");
        System.setProperty("vertx.logger-delegate-factory-class-name", "io.vertx.core.logging.SLF4JLogDelegateFactory");
        System.exit(run(args));
    }

    /** UTF-8 whatever the machine's default is: messages are. */
    private static Terminal terminal() {
        return new Terminal(
                System.in,
                new PrintWriter(System.out, false, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    }

    private static int run(String[] args) {
        ServerCommand server = new ServerCommand();
        CommandLine root = ServerCommand.commandLine(server);
        root.addSubcommand("server", ServerCommand.commandLine(new ServerCommand()));
        return root.execute(args);
    }
}
