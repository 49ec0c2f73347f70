package io.vostok.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process has used so far, by its own books.
 *
 * @param userSeconds processor time of its own code
 * @param systemSeconds processor time of the system on its behalf
 * @param allocatedBytes of Java objects, by all threads that still live
 * @param residentBytes of memory, files mapped by it included
 * @param anonymousBytes of memory that is not a file's
 * @param machineBusySeconds of all processes of the machine together
 */
record Account(
        double userSeconds,
        double systemSeconds,
        double allocatedBytes,
        double residentBytes,
        double anonymousBytes,
        double machineBusySeconds) {
    private static final double TICKS = 100;
    private static final Pattern ALLOCATED = Pattern.compile("allocated=(\\d+)([KMG]?)B?");

    static Account of(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(") ") + 2).split(" ");
            String status = Files.readString(Path.of("/proc/" + pid + "/status"));
            return new Account(
                    Long.parseLong(fields[11]) / TICKS,
                    Long.parseLong(fields[12]) / TICKS,
                    allocated(pid),
                    kibibytes(status, "VmRSS") * 1024,
                    kibibytes(status, "RssAnon") * 1024,
                    machineBusy());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    double cpuSeconds() {
        return userSeconds + systemSeconds;
    }

    private static double kibibytes(String status, String name) {
        Matcher found = Pattern.compile(name + ":\\s+(\\d+) kB").matcher(status);
        if (!found.find()) throw new IllegalStateException("no " + name);
        return Long.parseLong(found.group(1));
    }

    private static double machineBusy() throws IOException {
        String[] fields = Files.readString(Path.of("/proc/stat")).lines().findFirst().orElseThrow().split(" +");
        double busy = 0;
        for (int i : new int[] {1, 2, 3, 6, 7}) busy += Long.parseLong(fields[i]);
        return busy / TICKS;
    }

    private static double allocated(long pid) throws IOException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(pid),
                        "Thread.print",
                        "-e")
                .redirectErrorStream(true)
                .start();
        String text = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        double sum = 0;
        Matcher found = ALLOCATED.matcher(text);
        while (found.find()) {
            double unit = switch (found.group(2)) {
                case "K" -> 1 << 10;
                case "M" -> 1 << 20;
                case "G" -> 1 << 30;
                default -> 1;
            };
            sum += Long.parseLong(found.group(1)) * unit;
        }
        return sum;
    }
}
