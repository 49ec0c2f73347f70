package io.vostok.broker.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules and the sample results of storage reference 11.7; FilterIT compares with Apache's own filter. */
class SqlFilterTest {
    private static SqlFilter compiled(String expression) {
        Ruling<SqlFilter> ruling = SqlFilter.compile(expression);
        assertThat(ruling.refused()).as(expression).isNull();
        return ruling.value();
    }

    private static Refused refused(String expression) {
        Refused refused = SqlFilter.compile(expression).refused();
        if (refused == null) throw new AssertionError("not refused: " + expression);
        assertThat(refused.refusal()).isEqualTo(Refusal.SUBSCRIPTION_MALFORMED);
        return refused;
    }

    /** {@code a=5,b=x}: each name, and its value up to the next comma. */
    private static byte[] properties(@Nullable String given) {
        if (given == null) return new byte[0];
        return given.replace('=', '\1').replace(',', '\2').getBytes(StandardCharsets.UTF_8);
    }

    private static String result(String expression, @Nullable String given) {
        byte[] text = properties(given);
        Object value = compiled(expression).evaluate(text, 0, text.length);
        return value instanceof EvaluationFailure
                ? "failure"
                : String.valueOf(value).toLowerCase(Locale.ROOT);
    }

    private static boolean matches(String expression, @Nullable String given) {
        return compiled(expression).matchesRecord(ByteBuffer.wrap(properties(given)));
    }

    @ParameterizedTest(name = "{0} with {1} is {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    # the samples that were executed at Apache's
                    NOT a = 1                  | a=5    | false
                    NOT (a = 1)                | a=5    | true
                    a > 1 OR b IS NULL         | a=abc  | failure
                    a IS NULL OR b > 1         | b=0    | true
                    c = d                      |        | true
                    NOT a IS NULL              |        | true
                    NOT a IS NULL              | a=5    | false
                    # a missing property is unknown
                    a                          |        | null
                    a = 1                      |        | null
                    a <> 1                     |        | null
                    1 = a                      |        | false
                    1 <> a                     |        | true
                    c <> d                     |        | false
                    a > 1                      |        | null
                    1 > a                      |        | null
                    a BETWEEN 1 AND 2          |        | null
                    a NOT BETWEEN 1 AND 2      |        | null
                    a IN ('x')                 |        | null
                    a NOT IN ('x')             |        | null
                    NOT a                      |        | null
                    a IS NULL                  |        | true
                    a IS NOT NULL              |        | false
                    NULL                       |        | null
                    # a property becomes what it is compared with
                    a = 5                      | a=5    | true
                    a = 5                      | a=05   | true
                    a = 5                      | a=+5   | true
                    a = 5                      | a=5.0  | failure
                    a = 5                      | a= 5   | failure
                    a = 5.0                    | a= 5   | true
                    a = 5.0                    | a=5    | true
                    a = 5L                     | a=5    | true
                    a = 3000000000             | a=3000000000  | true
                    a > 1                      | a=3000000000  | failure
                    a > 1l                     | a=3000000000  | failure
                    a > 3000000000             | a=1    | false
                    a = 2147483647             | a=2147483647  | true
                    a = -2147483648            | a=-2147483648 | true
                    a = 1                      | a=2147483648  | failure
                    a = 1                      | a=     | null
                    a > 1                      | a=-    | failure
                    1 < a                      | a=5    | true
                    1.5 < a                    | a=5    | true
                    a = '5'                    | a=5    | true
                    a = '5.0'                  | a=5    | false
                    a = b                      | a=5,b=5    | true
                    a < b                      | a=9,b=10   | true
                    a < b                      | a=x,b=10   | failure
                    a < b                      | a=1e1,b=0x10p0 | true
                    a = TRUE                   | a=tRuE | true
                    a <> TRUE                  | a=5    | true
                    a = FALSE                  | a=5    | true
                    TRUE = a                   | a=true | failure
                    TRUE = FALSE               |        | false
                    TRUE > 1 OR TRUE           |        | -
                    1 = 1.0                    |        | true
                    1 = TRUE                   |        | false
                    1 <> TRUE                  |        | true
                    (a = 1) = TRUE             | a=1    | true
                    (a = 1) = 5                | a=1    | false
                    (a = 1) = 'x'              | a=1    | failure
                    # signs
                    a > -1                     | a=0    | true
                    a = - - 1                  | a=1    | true
                    a = +1                     | a=1    | true
                    -a = 1                     | a=1    | null
                    -a IS NULL                 | a=1    | true
                    a > -'x'                   | a=1    | null
                    # conditions
                    a                          | a=true | false
                    NOT a                      | a=true | true
                    TRUE                       |        | true
                    FALSE                      |        | false
                    NOT TRUE                   |        | false
                    a = 1 AND b = 2            | a=1,b=2    | true
                    a = 1 AND b = 2            | a=1    | null
                    a = 1 AND b = 2            | a=2    | false
                    b = 2 AND a = 1            | a=2    | false
                    a = 1 OR b = 2             | a=1    | true
                    b = 2 OR a = 1             | a=1    | true
                    a = 1 OR b = 2             | a=2    | null
                    a = 1 OR b = 2             | a=2,b=3    | false
                    a = 1 AND b > 2            | a=2,b=x    | false
                    b > 2 AND a = 1            | a=2,b=x    | failure
                    a = 1 OR b > 2             | a=1,b=x    | true
                    b > 2 OR a = 1             | a=1,b=x    | failure
                    TRUE OR FALSE AND FALSE    |        | true
                    (TRUE OR FALSE) AND FALSE  |        | false
                    # between, in
                    a BETWEEN 1 AND 3          | a=1    | true
                    a BETWEEN 1 AND 3          | a=3    | true
                    a BETWEEN 1 AND 3          | a=4    | false
                    a NOT BETWEEN 1 AND 3      | a=4    | true
                    a NOT BETWEEN 3 AND 1      | a=2    | true
                    a BETWEEN b AND 3          | a=2,b=1    | true
                    a BETWEEN -1 AND -5        | a=2    | false
                    5 BETWEEN a AND b          | a=1,b=9    | true
                    a IN ('x', 'y')            | a=y    | true
                    a IN ('x', 'y')            | a=z    | false
                    a NOT IN ('x', 'y')        | a=z    | true
                    (a) IN ('x')               | a=x    | true
                    # parts of texts
                    a CONTAINS 'bc'            | a=abcd | true
                    a CONTAINS 'bd'            | a=abcd | false
                    a NOT CONTAINS 'bd'        | a=abcd | true
                    a STARTSWITH 'ab'          | a=abcd | true
                    a NOT STARTSWITH 'ab'      | a=abcd | false
                    a ENDSWITH 'cd'            | a=abcd | true
                    a NOT ENDSWITH 'bc'        | a=abcd | true
                    a CONTAINS ''              | a=abcd | false
                    a NOT CONTAINS ''          | a=abcd | false
                    a CONTAINS 'x'             |        | false
                    a NOT CONTAINS 'x'         |        | false
                    5 CONTAINS '5'             |        | false
                    5 NOT CONTAINS '6'         |        | false
                    NOT a CONTAINS 'a'         | a=a    | false
                    (a > 1) NOT CONTAINS ''    | a=x    | false
                    # words
                    A = 1                      | a=1    | null
                    a = 1 and not (b is null)  | a=1,b=2    | true
                    $a_1 = 'it''s'             | $a_1=it's  | true
                    a = ''                     | b=1    | null
                    a = 'ü€😀'                  | a=ü€😀   | true
                    a /* x */ = /**/ 1         | a=1    | true
                    a > .5                     | a=1    | true
                    a > 5.                     | a=6    | true
                    a > 1e2                    | a=101  | true
                    a > 1.5E-1                 | a=0.2  | true
                    """)
    void givesTheResultOfTheReference(String expression, @Nullable String given, String expected) {
        if (expected.equals("-"))
            assertThat(SqlFilter.compile(expression).refused()).isNotNull();
        else assertThat(result(expression, given)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    a != 1                 | 3  | `<>`
                    a = 1 # x              | 7  | `#`
                    a =                    | 4  | ends
                    a = = 1                | 5  | `=` stands
                    = 1                    | 1  | `=` stands
                    (a = 1                 | 7  | `)`
                    a = 'x                 | 5  | closing quote
                    a IN ()                | 7  | quotes
                    a IN (1)               | 7  | quotes
                    a IN ('x' 'y')         | 11 | `)`
                    5 IN ('x')             | 1  | property
                    NOT a IN ('x')         | 1  | property
                    a IS 1                 | 6  | `NULL`
                    a NOT 1                | 7  | NOT
                    a = NULL               | 5  | IS NULL
                    NULL = a               | 1  | IS NULL
                    a > 'x'                | 5  | numbers
                    a > TRUE               | 5  | numbers
                    a > NULL               | 5  | numbers
                    'x' < a                | 1  | numbers
                    a > 5 > 2              | 1  | numbers
                    NOT a > 5              | 1  | numbers
                    a BETWEEN 5 AND 1      | 11 | larger end
                    a BETWEEN 5 AND 1.5    | 11 | larger end
                    a BETWEEN 'a' AND 'b'  | 11 | numbers
                    a BETWEEN 1 OR 2       | 13 | `AND`
                    a CONTAINS b           | 12 | quotes
                    TRUE = 1               | 8  | TRUE or FALSE
                    TRUE <> 'x'            | 9  | TRUE or FALSE
                    5                      | 1  | condition
                    'x'                    | 1  | condition
                    -a                     | 1  | condition
                    a AND 5                | 7  | condition
                    NOT 5                  | 5  | condition
                    a > 0.0                | 5  | write 0
                    a > 1e999              | 5  | larger than
                    a = 9223372036854775808  | 5 | larger than
                    a = 1 /* x             | 7  | comment
                    a = ü                  | 5  | U+00FC
                    """)
    void refusesWithPlaceAndReason(String expression, int character, String reason) {
        assertThat(refused(expression).words())
                .contains("malformed at character " + character + ":")
                .contains(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "-- x\n", "/* */"})
    void refusesAnEmptyExpression(String expression) {
        assertThat(refused(expression).words()).contains("empty");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    a > 1 garbage   | a=2   | true  | 7
                    a = 1)          | a=1   | true  | 6
                    a + 1 = 2       | a=x   | false | 3
                    a LIKE 'x'      | a=x   | false | 3
                    a = 05          | a=0   | true  | 6
                    a = 0l          | a=0   | true  | 6
                    a = 1 x # !     | a=1   | true  | 7
                    a = 1 -- x      | a=1   | true  | 7
                    """)
    void ignoresWhatFollowsACompleteExpressionAndWarns(
            String expression, String given, String expected, int character) {
        assertThat(result(expression, given)).isEqualTo(expected);
        assertThat(compiled(expression).warning()).contains("ends before character " + character + ";");
    }

    @Test
    void hasNoWarningForAWholeExpression() {
        assertThat(compiled("a = 1 -- all of it\n").warning()).isNull();
    }

    @Test
    void takesTwoMinusSignsForACommentOnlyBeforeAnEndOfLine() {
        assertThat(result("a = --1", "a=1")).isEqualTo("true");
        assertThat(result("a = -- one\r1", "a=1")).isEqualTo("true");
        assertThat(SqlFilter.compile("a = --1\n").refused()).isNotNull();
    }

    @Test
    void stopsAMessageWhoseConditionIsNotTrue() {
        assertThat(matches("a = 1", "a=1")).isTrue();
        assertThat(matches("a = 1", "a=2")).isFalse();
        assertThat(matches("a = 1", null)).isFalse();
        assertThat(matches("a = 1", "a=x")).isFalse();
        assertThat(matches("a", "a=true")).isFalse();
    }

    @Test
    void countsMessagesThatCouldNotBeEvaluated() {
        SqlFilter filter = compiled("a > 1");
        filter.matchesRecord(ByteBuffer.wrap(properties("a=x")));
        filter.matchesRecord(ByteBuffer.wrap(properties("a=2")));
        assertThat(filter.failures()).isEqualTo(1);
    }

    @Test
    void readsPropertiesFromPositionToLimitOfAnyBuffer() {
        byte[] text = properties("a=1,a=2,b=3");
        ByteBuffer direct = ByteBuffer.allocateDirect(text.length + 8)
                .position(4)
                .put(text)
                .flip()
                .position(4);
        ByteBuffer sliced = ByteBuffer.allocate(text.length + 8)
                .position(3)
                .slice()
                .put(text)
                .flip();
        SqlFilter last = compiled("a = 2 AND b = 3");
        assertThat(last.matchesRecord(direct)).isTrue();
        assertThat(last.matchesRecord(sliced)).isTrue();
        assertThat(direct.position()).isEqualTo(4);
        assertThat(sliced.position()).isZero();
        sliced.limit(text.length - 1);
        assertThat(last.matchesRecord(sliced)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\2\2a=5,b", "b=,a=5", "=x,a=5", "ab=4,a=5,aa=6", "a=4,a=5", "a=5,a=", "x,a=5,,"})
    void skipsEntriesThatAreNone(String given) {
        assertThat(result("a = 5", given)).isEqualTo("true");
    }

    @Test
    void keepsNothingOfTheMessageBefore() {
        SqlFilter filter = compiled("a = 'x'");
        assertThat(filter.matchesRecord(ByteBuffer.wrap(properties("a=x")))).isTrue();
        assertThat(filter.matchesRecord(ByteBuffer.wrap(properties("b=x")))).isFalse();
        assertThat(filter.matchesRecord(ByteBuffer.wrap(properties("a=y")))).isFalse();
    }

    @Test
    void takesManyPropertiesAndLongChains() {
        String chain =
                IntStream.range(0, 500).mapToObj(i -> "p" + i + " = " + i).collect(Collectors.joining(" OR "));
        assertThat(result(chain, "p499=499")).isEqualTo("true");
        assertThat(result(chain, "p499=1")).isEqualTo("null");
    }

    @ParameterizedTest
    @CsvSource({"(,)", "'NOT ',''", "+,''", "'- ',''"})
    void refusesAnExpressionThatIsNestedTooDeep(String open, String close) {
        String fits = open.repeat(SqlFilter.DEEPEST - 1) + "a" + close.repeat(SqlFilter.DEEPEST - 1) + " IS NULL";
        String deep = open.repeat(2_000) + "a" + close.repeat(2_000) + " IS NULL";
        assertThat(result(fits, "b=1")).isIn("true", "false");
        assertThat(refused(deep).words()).contains("nested deeper than 100");
    }

    @Test
    void refusesAChainOfComparisonsThatGrowsTooDeep() {
        assertThat(refused("a" + " = b".repeat(SqlFilter.DEEPEST + 1)).words()).contains("nested deeper");
        assertThat(refused("a" + " CONTAINS 'b'".repeat(SqlFilter.DEEPEST + 1)).words())
                .contains("nested deeper");
        assertThat(result("a" + " IS NULL".repeat(SqlFilter.DEEPEST - 1), null)).isEqualTo("false");
    }

    @Test
    void refusesTooManyPartsAndTooManyCharacters() {
        assertThat(refused("a" + " OR a".repeat(SqlFilter.MOST_NODES)).words()).contains("more than 2048 parts");
        assertThat(refused("a" + " ".repeat(SqlFilter.LONGEST)).words()).contains("16385 characters");
    }

    @Test
    void givesUpWhenTheBudgetOfAMessageIsUsedUp() {
        String value = "x".repeat(30_000);
        String few = "a CONTAINS 'y'" + " OR a CONTAINS 'y'".repeat(30);
        String many = "a CONTAINS 'y'" + " OR a CONTAINS 'y'".repeat(200);
        assertThat(result(few, "a=" + value)).isEqualTo("false");
        assertThat(result(many, "a=" + value)).isEqualTo("failure");
        assertThat(result(many, "a=x")).isEqualTo("false");
    }

    @Test
    void findsLongPatternsAsTheJdkDoes() {
        String pattern = "abababababababababababac";
        for (String value : new String[] {
            "ab" + pattern, pattern + "x", "ab".repeat(40) + "ac", "ab".repeat(40), pattern.substring(1), "x"
        }) {
            assertThat(result("a CONTAINS '" + pattern + "'", "a=" + value))
                    .as(value)
                    .isEqualTo(String.valueOf(value.contains(pattern)));
        }
    }

    @Test
    void neverTakesMoreStepsThanItAnnounces() {
        assertThat(compiled("a = 1").stepsAtMost(10)).isBetween(10, 1_000);
        assertThat(compiled("a" + " OR a".repeat(900)).stepsAtMost(32_767)).isEqualTo(Evaluation.BUDGET);
    }

    @Test
    void remembersWhatItCompiledAndWhatItRefused() {
        assertThat(SqlFilter.of("remembered = 1")).isSameAs(SqlFilter.of("remembered = 1"));
        assertThat(SqlFilter.of("remembered =")).isSameAs(SqlFilter.of("remembered ="));
    }

    @Test
    void forgetsExpressionsBeyondItsBoundButNotThoseInUse() {
        FilterCache cache = new FilterCache();
        Ruling<SqlFilter> filter = SqlFilter.compile("a = 1");
        cache.put("used", filter);
        for (int i = 0; i < 10 * FilterCache.MOST; i++) {
            cache.put("e" + i, filter);
            assertThat(cache.get("used")).isSameAs(filter);
        }
        assertThat(cache.get("e0")).isNull();
        assertThat(cache.size()).isLessThanOrEqualTo(2 * FilterCache.MOST + 2);
    }

    @Test
    void boundsTheCharactersItRemembers() {
        FilterCache cache = new FilterCache();
        Ruling<SqlFilter> filter = SqlFilter.compile("a = 1");
        for (int i = 0; i < 100; i++) cache.put("x".repeat(SqlFilter.LONGEST - 3) + i, filter);
        assertThat(cache.size()).isLessThanOrEqualTo(2 * FilterCache.MOST_CHARACTERS / (SqlFilter.LONGEST - 3));
    }
}
