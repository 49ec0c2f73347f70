package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.kit.Child;
import io.vostok.it.kit.Folders;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The programs of {@code docs/getting-started.md}, run as the page says: each prints what the page promises. */
class GettingStartedIT extends Scenario {
    private static final Path PAGE = Path.of("docs/getting-started.md");
    private static final Pattern PROGRAM =
            Pattern.compile("```java\\n(.*?)```\\n\\nprints\\n\\n```text\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern NAME = Pattern.compile("public class (\\w+)");
    private static final String NAME_SERVER = "127.0.0.1:9876";
    private static final Duration ENDED = Duration.ofMinutes(2);

    /** One program of the page. */
    record Program(String name, String source, List<String> prints) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Program> programs() throws IOException {
        List<Program> programs = new ArrayList<>();
        String page = Files.readString(PAGE);
        Matcher program = PROGRAM.matcher(page);
        while (program.find()) {
            Matcher name = NAME.matcher(program.group(1));
            assertThat(name.find()).as("a program with a public class").isTrue();
            programs.add(new Program(
                    name.group(1), program.group(1), program.group(2).lines().toList()));
        }
        assertThat(programs).hasSize(page.split("```java", -1).length - 1);
        return programs;
    }

    @ParameterizedTest
    @MethodSource("programs")
    void printsWhatThePageSays(Program program) throws IOException {
        assertThat(program.source()).contains(NAME_SERVER);
        Path folder = Folders.make("program");
        Path file = folder.resolve(program.name() + ".java");
        Files.writeString(file, program.source().replace(NAME_SERVER, server.nameServer()));

        Child run = Child.java(
                program.name(),
                folder,
                List.of("-Duser.home=" + folder, "-cp", Peers.clientClassPath(Peers.NEW), file.toString()));

        assertThat(run.await(ENDED)).as(run.tail()).isZero();
        assertThat(run.lines()).containsSubsequence(program.prints());
    }
}
