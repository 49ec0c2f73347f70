package io.vostok.it.apache;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.rocketmq.tools.command.MQAdminStartup;

/**
 * Runs mqadmin commands, one after the other in one JVM: a line of standard input is a command, its words separated by tabs;
 * after its output comes a line with {@link #END}.
 */
public final class AdminShell {
    public static final String END = "--- end of command ---";

    private AdminShell() {}

    public static void main(String[] ignored) throws Exception {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            try {
                MQAdminStartup.main0(line.split("\t"), null);
            } catch (Throwable thrown) {
                thrown.printStackTrace(System.out);
            }
            System.out.println();
            System.out.println(END);
            System.out.flush();
        }
        System.exit(0);
    }
}
