package io.vostok.it.kit;

import io.vostok.kit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One started process whose output goes to a file; ended with this JVM at the latest. */
public final class Child {
    private final String name;
    private final Process process;
    private final Path output;
    private final Thread atExit;

    private Child(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
        this.atExit = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Starts this JDK's java with {@code args}; output is appended to {@code folder/name.log}. */
    public static Child java(String name, Path folder, List<String> args) {
        return java(name, folder, args, 0);
    }

    /** As above with at most {@code openFiles} file descriptors; 0 for as many as this process may have. */
    public static Child java(String name, Path folder, List<String> args, int openFiles) {
        List<String> command = new ArrayList<>();
        if (openFiles > 0) command.addAll(List.of("sh", "-c", "ulimit -n " + openFiles + "; exec \"$@\"", "sh"));
        command.add(Path.of(System.getProperty("it.java", System.getProperty("java.home")), "bin", "java")
                .toString());
        command.addAll(args);
        return command(name, folder, command);
    }

    /** Starts any program. */
    public static Child command(String name, Path folder, List<String> command) {
        Path output = folder.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().put("ROCKETMQ_HOME", folder.toString());
        try {
            return new Child(name, builder.start(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void awaitReady(Duration atMost, BooleanSupplier ready) {
        try {
            Await.until(name + " is ready", atMost, () -> !process.isAlive() || ready.getAsBoolean());
        } catch (AssertionError late) {
            throw new AssertionError(late.getMessage() + "\n" + tail(), late);
        }
        if (!process.isAlive()) throw new AssertionError(name + " ended with " + process.exitValue() + "\n" + tail());
    }

    /** Sends a signal by its name, such as STOP. */
    public void signal(String name) {
        try {
            int code = new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) throw new AssertionError("kill -" + name + " ended with " + code);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** SIGKILL. */
    public void kill() {
        process.destroyForcibly();
        await(Duration.ofSeconds(10));
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    /** Sends SIGTERM, waits, and returns the exit code. */
    public int stop(Duration atMost) {
        process.destroy();
        int code = await(atMost);
        Runtime.getRuntime().removeShutdownHook(atExit);
        return code;
    }

    /** Waits for the process to end by itself; kills it and fails when it does not. */
    public int await(Duration atMost) {
        try {
            if (process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        throw new AssertionError(name + " did not end within " + atMost + "\n" + tail());
    }

    /** What the process said so far. */
    public List<String> lines() {
        try {
            return Files.readString(output, StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The last of what the process said. */
    public String tail() {
        try {
            List<String> lines = lines();
            return "--- last lines of " + name + "\n"
                    + String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size())) + "\n---";
        } catch (UncheckedIOException e) {
            return "--- no output of " + name + ": " + e;
        }
    }
}
