package io.vostok.it.kit;

import io.vostok.cli.Cli;
import io.vostok.cli.Terminal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs our commands against one server: in this JVM, or as users do in a JVM of their own. */
public final class Shell {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** What a command printed and how it ended. */
    public record Result(int code, String out, String err) {}

    private final String url;

    public Shell(int httpPort) {
        this.url = "http://127.0.0.1:" + httpPort;
    }

    public String url() {
        return url;
    }

    /** Runs it in this JVM with nothing to read. */
    public Result run(String... words) {
        return type("", words);
    }

    /** Runs it in this JVM; it reads {@code typed}. */
    public Result type(String typed, String... words) {
        return feed(typed.getBytes(StandardCharsets.UTF_8), words);
    }

    /** As {@link #type}, with any bytes. */
    public Result feed(byte[] input, String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Terminal terminal = new Terminal(new ByteArrayInputStream(input), new PrintWriter(out), new PrintWriter(err));
        List<String> all = new ArrayList<>(List.of(words));
        all.add("--url=" + url);
        int code = Cli.run(all.toArray(String[]::new), terminal);
        return new Result(code, out.toString(), err.toString());
    }

    /** Runs the jar; {@code jvm} are options of its JVM. */
    public Result jar(List<String> jvm, String... words) {
        Path folder = Folders.make("shell");
        try {
            Process process = start(folder, jvm, words);
            if (!process.waitFor(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(String.join(" ", words) + " does not end");
            }
            return new Result(
                    process.exitValue(),
                    Files.readString(folder.resolve("out")),
                    Files.readString(folder.resolve("err")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Starts the jar, which writes to the files {@code out} and {@code err} of {@code folder}. */
    public Process start(Path folder, List<String> jvm, String... words) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("it.java", System.getProperty("java.home")), "bin", "java")
                .toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(jvm);
        command.addAll(List.of("-jar", VostokServer.jar().toString()));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
        builder.environment().put("VOSTOK_URL", url);
        return builder.start();
    }
}
