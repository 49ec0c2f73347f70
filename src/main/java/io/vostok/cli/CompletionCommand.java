package io.vostok.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code generate-completion}: for the shell. */
@Command(
        description = {
            "Print a script for bash and zsh that completes the commands of `vostok`, such as",
            "  alias vostok='java -jar /opt/vostok/vostok.jar'; source <(vostok generate-completion)"
        })
final class CompletionCommand implements Runnable {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Cli cli;

    @Override
    public void run() {
        Terminal terminal = cli.terminal();
        terminal.out().println(AutoComplete.bash(Cli.SHORT_NAME, Cli.commandLine(Cli.SHORT_NAME, null, terminal)));
    }
}
