package io.vostok;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps the working tree as the house rules want it; a failure names the file, the line and what to do. */
class TidyTest {
    private static final Path MAIN = Path.of("src/main/java");
    private static final Set<String> TEXT_ENDINGS =
            Set.of("java", "md", "xml", "yaml", "yml", "hex", "properties", "config", "json", "txt");
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]+]\\(([^)#:]+)(#[^)]*)?\\)");
    private static final Pattern DECISION = Pattern.compile("(\\d{4})-[a-z0-9-]+\\.md");

    @Test
    void everyPackageSaysWhatItIsForAndIsNullMarked() {
        for (Path folder : packages()) {
            Path info = folder.resolve("package-info.java");
            assertThat(Files.exists(info))
                    .as("%s is missing: purpose, thread, @NullMarked", info)
                    .isTrue();
            assertThat(read(info)).as("%s", info).contains("@NullMarked").startsWith("/**");
        }
    }

    @Test
    void everyPackageHasRowInArchitecture() {
        String page = read(Path.of("docs/architecture.md"));
        Set<String> rows = new TreeSet<>();
        Matcher row = Pattern.compile("\\| `(io\\.vostok[a-z.]*)` \\|").matcher(page);
        while (row.find()) rows.add(row.group(1));
        Set<String> names = new TreeSet<>();
        for (Path folder : packages())
            names.add(MAIN.relativize(folder).toString().replace('/', '.'));
        assertThat(rows).as("packages in the table of docs/architecture.md").isEqualTo(names);
    }

    @Test
    void nothingIsLeftForLater() {
        refuse(sources(), "\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b", "do it, or open an issue");
    }

    @Test
    void codeHasNoBannersAndNoAuthors() {
        refuse(java(), "^\\s*(//|\\*|/\\*)\\s*[-=*#]{4,}", "a class that wants sections wants to be several classes");
        refuse(java(), "@auth" + "or", "git knows who wrote it");
    }

    @Test
    void onlyTheCommandLinePrints() {
        Predicate<Path> commandLine = file -> MAIN.resolve("io/vostok").equals(file.getParent());
        refuse(
                java().filter(file -> file.startsWith(MAIN)).filter(commandLine.negate()),
                "System\\.(out|err)\\b",
                "report to the caller, or log at the edge");
    }

    @Test
    void nothingSleeps() {
        // Measuring what an idle process costs takes time in which nothing happens.
        Predicate<Path> measures = file -> file.startsWith(Path.of("src/bench"));
        refuse(
                java().filter(measures.negate()),
                "Thread\\.sle" + "ep|TimeUnit\\.\\w+\\.sle" + "ep",
                "wait for a condition: io.vostok.kit.Await in tests");
    }

    @Test
    void filesNameNoMachine() {
        refuse(
                sources(),
                "(/ho" + "me/|/ro" + "ot/|/wo" + "rk/|C:\\\\Us" + "ers)",
                "use a path relative to the project");
        refuse(
                sources(),
                "https?://[^\\s\"')>]*(art" + "ifactory|ne" + "xus|reg" + "istry|mir" + "ror)",
                "where artifacts come from is the machine's own setting");
    }

    @Test
    void filesEndWithNewline() {
        List<String> without = new ArrayList<>();
        sources().forEach(file -> {
            String content = read(file);
            if (!content.isEmpty() && !content.endsWith("\n")) without.add(file.toString());
        });
        assertThat(without).as("files without a newline at the end").isEmpty();
    }

    @Test
    void decisionsAreNumberedWithoutGaps() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("docs/decisions"))) {
            List<String> names =
                    files.map(file -> file.getFileName().toString()).sorted().toList();
            for (int i = 0; i < names.size(); i++) {
                Matcher name = DECISION.matcher(names.get(i));
                assertThat(name.matches())
                        .as("%s must be NNNN-title.md", names.get(i))
                        .isTrue();
                assertThat(Integer.parseInt(name.group(1)))
                        .as("number of %s", names.get(i))
                        .isEqualTo(i + 1);
            }
        }
    }

    @Test
    void linksOfDocumentsResolve() {
        List<String> broken = new ArrayList<>();
        sources().filter(file -> file.toString().endsWith(".md")).forEach(file -> {
            Matcher link = LINK.matcher(read(file));
            while (link.find()) {
                if (!Files.exists(file.resolveSibling(link.group(1)))) broken.add(file + " -> " + link.group(1));
            }
        });
        assertThat(broken).as("links that lead nowhere").isEmpty();
    }

    private static void refuse(Stream<Path> files, String pattern, String remedy) {
        Pattern wrong = Pattern.compile(pattern);
        List<String> found = new ArrayList<>();
        files.forEach(file -> {
            List<String> lines = read(file).lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                if (wrong.matcher(lines.get(i)).find())
                    found.add(file + ":" + (i + 1) + " " + lines.get(i).strip());
            }
        });
        assertThat(found).as(remedy).isEmpty();
    }

    private static Stream<Path> java() {
        return sources().filter(file -> file.toString().endsWith(".java"));
    }

    /** Returns the text files of the project; not what git ignores. */
    private static Stream<Path> sources() {
        List<Path> files = new ArrayList<>();
        for (String start : List.of("src", "docs", "conf", ".ci", ".mvn")) collect(Path.of(start), files);
        try (Stream<Path> top = Files.list(Path.of(""))) {
            top.filter(Files::isRegularFile).filter(TidyTest::isText).forEach(files::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files.stream();
    }

    private static void collect(Path start, List<Path> files) {
        if (!Files.isDirectory(start)) return;
        try (Stream<Path> tree = Files.walk(start)) {
            tree.filter(Files::isRegularFile).filter(TidyTest::isText).forEach(files::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isText(Path file) {
        String name = file.getFileName().toString();
        String ending = name.substring(name.lastIndexOf('.') + 1);
        return TEXT_ENDINGS.contains(ending)
                || name.equals("Dockerfile")
                || name.equals("LICENSE")
                || name.equals("run");
    }

    private static List<Path> packages() {
        try (Stream<Path> tree = Files.walk(MAIN)) {
            return tree.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .distinct()
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }
}
