package io.vostok.front.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What can be said of the console's files without a browser. */
class ConsoleFilesTest {
    private static final Path FOLDER = Path.of("src/main/resources/console");
    private static final Pattern SAID = Pattern.compile("\\bt\\('([^']+)'");
    private static final Pattern SAID_OF_SOME = Pattern.compile("\\bt\\(`([^`]+)`");
    private static final Pattern NAMED = Pattern.compile("'([A-Za-z.-]+)'");
    private static final Pattern PLACE = Pattern.compile("\\{(\\w+)}");
    private static final Pattern IMPORT = Pattern.compile("from '([^']+)'");

    @Test
    void saysEverythingInEachLanguage() {
        JsonObject english = words("en");
        JsonObject chinese = words("zh");

        assertThat(chinese.fieldNames()).isEqualTo(english.fieldNames());
        for (String key : english.fieldNames()) {
            assertThat(chinese.getString(key)).as(key).isNotBlank();
            assertThat(all(PLACE, chinese.getString(key))).as(key).isEqualTo(all(PLACE, english.getString(key)));
        }
    }

    @Test
    void hasWordsForAllThatIsSaidAndNoOthers() {
        Set<String> known = words("en").fieldNames();
        String scripts = String.join("\n", scripts().values());
        Set<String> named = all(NAMED, scripts);
        Pattern some = Pattern.compile(all(SAID_OF_SOME, scripts).stream()
                .map(each -> each.replace(".", "\\.").replaceAll("\\$\\{[^}]*}", "[\\\\w-]+"))
                .collect(Collectors.joining("|")));

        assertThat(known).containsAll(all(SAID, scripts));
        assertThat(known)
                .allMatch(key -> named.contains(key) || some.matcher(key).matches());
    }

    @Test
    void makesNoMarkupOfData() {
        scripts()
                .forEach((file, script) -> assertThat(script)
                        .as(file)
                        .doesNotContainPattern(
                                "(?i)innerHTML|outerHTML|insertAdjacentHTML|document\\.write|createContextualFragment")
                        .doesNotContainPattern("\\beval\\(|new Function|srcdoc|javascript:"));
    }

    @Test
    void importsOnlyWhatIsServed() {
        scripts().forEach((file, script) -> {
            for (String imported : all(IMPORT, script)) {
                assertThat(imported).as(file).startsWith("/");
                assertThat(io.vostok.front.http.Files.find(imported.substring(1)))
                        .as("%s imports %s", file, imported)
                        .isNotNull();
            }
        });
    }

    private static JsonObject words(String language) {
        return new JsonObject(Buffer.buffer(read(FOLDER.resolve("words/" + language + ".json"))));
    }

    private static Map<String, String> scripts() {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            Map<String, String> scripts = new TreeMap<>();
            files.filter(file -> file.toString().endsWith(".js"))
                    .forEach(file -> scripts.put(FOLDER.relativize(file).toString(), read(file)));
            return scripts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> all(Pattern pattern, String text) {
        Set<String> found = new TreeSet<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) found.add(matcher.group(1));
        return found;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
