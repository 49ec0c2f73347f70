package io.vostok;

import picocli.CommandLine;

/** Starts the process. */
public final class Main {
    private Main() {}

    /** Runs the command that {@code args} name, the server when they name none, and ends the process with its exit code. */
    public static void main(String[] args) {
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

    private static int run(String[] args) {
        ServerCommand server = new ServerCommand();
        CommandLine root = ServerCommand.commandLine(server);
        root.addSubcommand("server", ServerCommand.commandLine(new ServerCommand()));
        root.addSubcommand("bench", new BenchCommand());
        return root.execute(args);
    }
}
