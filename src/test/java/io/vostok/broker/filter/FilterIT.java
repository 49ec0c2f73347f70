package io.vostok.broker.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Ruling;
import io.vostok.model.MessageProperties;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Every expression means here what it means at Apache's: its own filter of 5.5.0, in a class loader of its own, is asked
 * about generated expressions and property sets.
 *
 * <p>Repeat one run with {@code -Dfilter.seed=<seed>}, look further with {@code -Dfilter.rounds=<expressions>}.
 */
class FilterIT {
    private enum Outcome {
        REFUSED,
        FAILED,
        UNKNOWN,
        FALSE,
        TRUE
    }

    private static URLClassLoader apache;
    private static Method parse;
    private static Method evaluate;
    private static Class<?> context;

    static {
        try {
            Path jars = Path.of(System.getProperty("vostok.peers", "target/peers"), "server-5.5.0");
            List<URL> urls = new ArrayList<>();
            try (Stream<Path> files = Files.list(jars)) {
                for (Path jar :
                        files.filter(file -> file.toString().endsWith(".jar")).toList()) {
                    urls.add(jar.toUri().toURL());
                }
            }
            apache = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
            parse = apache.loadClass("org.apache.rocketmq.filter.parser.SelectorParser")
                    .getMethod("parse", String.class);
            context = apache.loadClass("org.apache.rocketmq.filter.expression.EvaluationContext");
            evaluate = apache.loadClass("org.apache.rocketmq.filter.expression.Expression")
                    .getMethod("evaluate", context);
        } catch (IOException | ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @AfterAll
    static void closeLoader() throws IOException {
        apache.close();
    }

    @Test
    void givesApachesOutcomeForGeneratedExpressions() {
        int rounds = Integer.getInteger("filter.rounds", 20_000);
        long first = Long.getLong("filter.seed", System.nanoTime());
        System.out.println("FilterIT -Dfilter.seed=" + first + " -Dfilter.rounds=" + rounds);
        Map<Outcome, Integer> seen = new EnumMap<>(Outcome.class);
        for (int i = 0; i < rounds; i++) {
            long seed = first + i;
            RandomExpressions chance = new RandomExpressions(new Random(seed));
            String expression = chance.expression();
            for (int set = 0; set < 4; set++) {
                Map<String, String> properties = chance.properties();
                Outcome theirs = atApache(expression, properties);
                Outcome ours = here(expression, properties);
                assertThat(ours)
                        .as("repeat with -Dfilter.seed=%d -Dfilter.rounds=1: <%s> of %s", seed, expression, properties)
                        .isEqualTo(theirs);
                seen.merge(theirs, 1, Integer::sum);
                if (theirs == Outcome.REFUSED) break;
            }
        }
        System.out.println("FilterIT outcomes " + seen);
        if (rounds >= 5_000) {
            assertThat(seen).hasSize(Outcome.values().length);
            assertThat(seen.values()).allMatch(count -> count > rounds / 50);
        }
    }

    @Test
    void givesApachesOutcomeForSequencesOfTokens() {
        String[] words = {
            "a",
            "b",
            "1",
            "2.5",
            "'x'",
            "TRUE",
            "NULL",
            "(",
            ")",
            ",",
            "+",
            "-",
            "=",
            "<>",
            ">",
            "<=",
            "NOT",
            "AND",
            "OR",
            "IS",
            "IN",
            "BETWEEN",
            "CONTAINS",
            "STARTSWITH",
            "ENDSWITH",
            "in",
            "--",
            "/*",
            "*/",
            "!",
            "\n",
            "LIKE",
            "now"
        };
        long first = Long.getLong("filter.seed", System.nanoTime());
        System.out.println("FilterIT tokens -Dfilter.seed=" + first);
        int accepted = 0;
        for (int i = 0; i < 20_000; i++) {
            Random random = new Random(first + i);
            StringBuilder text = new StringBuilder();
            for (int word = 1 + random.nextInt(7); word > 0; word--) {
                text.append(words[random.nextInt(words.length)]).append(random.nextInt(4) == 0 ? "" : " ");
            }
            String expression = text.toString();
            Outcome theirs = atApache(expression, Map.of("a", "1", "b", "x"));
            assertThat(here(expression, Map.of("a", "1", "b", "x")))
                    .as("repeat with -Dfilter.seed=%d: <%s>", first + i, expression)
                    .isEqualTo(theirs);
            if (theirs != Outcome.REFUSED) accepted++;
        }
        assertThat(accepted).isGreaterThan(500);
    }

    /** What docs/compatibility.md names as different, so that it is known when it no longer is. */
    @Test
    void refusesOnlyWhatIsTooLargeThoughApacheTakesIt() {
        String deep = "(".repeat(SqlFilter.DEEPEST + 1) + "a" + ")".repeat(SqlFilter.DEEPEST + 1);
        String many = "a" + " OR a".repeat(SqlFilter.MOST_NODES);
        String costly = "a CONTAINS 'y'" + " OR a CONTAINS 'y'".repeat(200) + " OR TRUE";
        Map<String, String> none = Map.of();
        assertThat(atApache(deep, none)).isEqualTo(Outcome.UNKNOWN);
        assertThat(here(deep, none)).isEqualTo(Outcome.REFUSED);
        assertThat(atApache(many, none)).isEqualTo(Outcome.UNKNOWN);
        assertThat(here(many, none)).isEqualTo(Outcome.REFUSED);
        Map<String, String> large = Map.of("a", "x".repeat(30_000));
        assertThat(atApache(costly, large)).isEqualTo(Outcome.TRUE);
        assertThat(here(costly, large)).isEqualTo(Outcome.FAILED);
    }

    private static Outcome here(String expression, Map<String, String> properties) {
        Ruling<SqlFilter> ruling = SqlFilter.of(expression);
        if (ruling.refused() != null) return Outcome.REFUSED;
        byte[] text = MessageProperties.write(withoutEmpty(properties));
        Object value = ruling.value().evaluate(text, 0, text.length);
        return value instanceof EvaluationFailure ? Outcome.FAILED : outcome(value);
    }

    private static Outcome atApache(String expression, Map<String, String> properties) {
        Object compiled;
        try {
            compiled = parse.invoke(null, expression);
        } catch (InvocationTargetException e) {
            return Outcome.REFUSED;
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
        // An empty value is lost when a message is sent.
        Map<String, String> stored = withoutEmpty(properties);
        Object message = Proxy.newProxyInstance(
                apache,
                new Class<?>[] {context},
                (proxy, method, arguments) -> method.getName().equals("get") ? stored.get(arguments[0]) : stored);
        try {
            return outcome(evaluate.invoke(compiled, message));
        } catch (InvocationTargetException e) {
            return Outcome.FAILED;
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static Outcome outcome(@Nullable Object value) {
        if (value == null) return Outcome.UNKNOWN;
        return value.equals(true) ? Outcome.TRUE : Outcome.FALSE;
    }

    private static Map<String, String> withoutEmpty(Map<String, String> properties) {
        Map<String, String> stored = new LinkedHashMap<>(properties);
        stored.values().removeIf(String::isEmpty);
        return stored;
    }
}
