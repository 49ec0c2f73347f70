package io.vostok.it.kit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Apache's mqadmin 5.5.0 in a JVM of its own, which takes one command after the other. */
public final class Mqadmin implements AutoCloseable {
    /** As the shell in the other JVM prints it. */
    private static final String END = "--- end of command ---";

    private final Process process;
    private final Writer commands;
    private final BufferedReader output;

    /** @param nameServers that the commands ask */
    public Mqadmin(String nameServers) {
        Path home = Folders.make("mqadmin");
        try {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-Xmx128m",
                            "-Duser.home=" + home,
                            "-Drocketmq.home.dir=" + home,
                            "-Dcom.rocketmq.remoting.client.connect.timeout=1000",
                            "-Drocketmq.namesrv.addr=" + nameServers,
                            "-cp",
                            Peers.serverClassPath("io/vostok/it/apache/AdminShell.java"),
                            "io.vostok.it.apache.AdminShell")
                    .directory(home.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        commands = process.outputWriter(StandardCharsets.UTF_8);
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Runs a command and returns what it printed, line by line. */
    public List<String> run(String... words) {
        try {
            commands.write(String.join("\t", words) + "\n");
            commands.flush();
            List<String> lines = new ArrayList<>();
            for (String line = output.readLine(); ; line = output.readLine()) {
                if (line == null) throw new AssertionError("mqadmin ended during " + words[0] + ": " + lines);
                if (line.equals(END)) return lines;
                // The tool's own logging says at length how it was set up.
                if (!line.contains(" |-INFO ") && !line.contains(" |-WARN ") && !line.isBlank()) lines.add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@link #run}; fails when the command threw anything. */
    public List<String> ok(String... words) {
        List<String> lines = run(words);
        for (String line : lines) {
            if (line.contains("Exception")) throw new AssertionError(String.join(" ", words) + "\n" + text(lines));
        }
        return lines;
    }

    /** The lines as one text. */
    public static String text(List<String> lines) {
        return String.join("\n", lines);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
