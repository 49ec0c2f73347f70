package io.vostok.config;

import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One row of the table of settings.
 *
 * @param name as in a file and on the command line, {@code group.camelCase}
 * @param kind how its text is read
 * @param defaultText what holds when nothing is set; empty when it is derived or absent
 * @param absent what an empty default stands for, in words; empty when the default is not empty
 * @param least smallest number, byte count or milliseconds; for text, the fewest characters; for durations, how many
 * @param most largest number, byte count or milliseconds; for text, the most characters; for durations, how many
 * @param multipleOf of which the number must be a multiple
 * @param words the allowed words of a {@link Kind#CHOICE} or {@link Kind#CHOICES}
 * @param live whether a running process takes a change; all others need a restart
 * @param meaning one sentence without a full stop
 */
public record Setting(
        String name,
        Kind kind,
        String defaultText,
        String absent,
        long least,
        long most,
        long multipleOf,
        List<String> words,
        boolean live,
        String meaning) {

    /** How a setting's text is read, and what it becomes. */
    public enum Kind {
        /** Any text: a {@link String}. */
        TEXT("text", ""),
        /** A file or folder: a {@link Path}. */
        PATH("path", ""),
        /** A whole number: a {@link Long}. */
        NUMBER("number", ""),
        /** A number of bytes: a {@link Long}. */
        SIZE("size", "bytes, or with KiB, MiB, GiB"),
        /** A time span: a {@link Duration}. */
        DURATION("duration", "number with ms, s, m, h or d"),
        /** A share: a {@link Double} from 0 to 1. */
        RATIO("ratio", "0 to 1"),
        /** {@code true} or {@code false}: a {@link Boolean}. */
        FLAG("flag", "true or false"),
        /** One of some words: a {@link String}, in capitals. */
        CHOICE("choice", ""),
        /** Some of some words, separated by commas: a list of {@link String}, in capitals. */
        CHOICES("choices", ""),
        /** Time spans in Apache's form, separated by spaces: a list of {@link Duration}. */
        DURATIONS("durations", "numbers with s, m, h or d, separated by spaces"),
        /** Rates by name, separated by commas: a map from {@link String} to {@link Long}; {@code none} for an empty one. */
        RATES("rates", "name=number, separated by commas; * for all others"),
        /** Hosts with ports, separated by {@code ;} or {@code ,}: a list of {@link HostPort}. */
        ADDRESSES("addresses", "host:port, separated by ; or ,");

        private final String label;
        private final String unit;

        Kind(String label, String unit) {
            this.label = label;
            this.unit = unit;
        }

        /** Returns the word for readers. */
        public String label() {
            return label;
        }

        /** Returns how a value is written; empty when it needs no saying. */
        public String unit() {
            return unit;
        }
    }

    private static final Pattern SIZE = Pattern.compile("(\\d{1,18})\\s*(B|KiB|MiB|GiB|TiB)?");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,15})\\s*(ms|s|m|h|d)");

    private static final Duration LONGEST_OF_MANY = Duration.ofDays(365);

    public Setting {
        words = List.copyOf(words);
    }

    /** Returns the part of the name before the point; the whole name when there is none. */
    public String group() {
        int point = name.indexOf('.');
        return point < 0 ? name : name.substring(0, point);
    }

    /** Returns the name of the environment variable: {@code store.segmentBytes} is {@code VOSTOK_STORE_SEGMENT_BYTES}. */
    public String environmentName() {
        StringBuilder variable = new StringBuilder("VOSTOK_");
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '.') variable.append('_');
            else if (Character.isUpperCase(c)) variable.append('_').append(c);
            else variable.append(Character.toUpperCase(c));
        }
        return variable.toString();
    }

    /** Returns what holds when nothing is set, for readers. */
    public String defaultShown() {
        return defaultText.isEmpty() ? absent : defaultText;
    }

    /** Returns what may be set, for readers; the rest of a sentence that begins "must be". */
    public String allowed() {
        return switch (kind) {
            case TEXT -> "text of " + least + " to " + most + " characters";
            case PATH -> "a path";
            case NUMBER -> range(Long.toString(least), Long.toString(most));
            case SIZE -> range(sizeText(least), sizeText(most));
            case DURATION -> range(text(Duration.ofMillis(least)), text(Duration.ofMillis(most)));
            case RATIO -> "a number from 0 to 1";
            case FLAG -> "true or false";
            case CHOICE -> "one of " + String.join(", ", words);
            case CHOICES -> "one or more of " + String.join(", ", words) + ", separated by commas";
            case DURATIONS ->
                least + " to " + most + " numbers with s, m, h or d, separated by spaces, each at most "
                        + text(LONGEST_OF_MANY);
            case RATES -> "none, or name=number separated by commas, each number from " + least + " to " + most;
            case ADDRESSES -> "host:port, several separated by ; or ,";
        };
    }

    private String range(String from, String to) {
        String range = from + " to " + to;
        return multipleOf > 1 ? "a multiple of " + multipleOf + " from " + range : "from " + range;
    }

    /**
     * Reads the text of this setting.
     *
     * @return an object of the type that {@link Kind} tells
     * @throws ConfigException when it is not allowed
     */
    public Object parse(String text) {
        String trimmed = text.trim();
        Object value = switch (kind) {
            case TEXT -> trimmed;
            case PATH -> path(trimmed);
            case NUMBER -> number(trimmed);
            case SIZE -> size(trimmed);
            case DURATION -> duration(trimmed);
            case RATIO -> ratio(trimmed);
            case FLAG -> flag(trimmed);
            case CHOICE -> word(trimmed);
            case CHOICES -> words(trimmed);
            case DURATIONS -> durations(trimmed);
            case RATES -> rates(trimmed);
            case ADDRESSES -> addresses(trimmed);
        };
        check(value, trimmed);
        return value;
    }

    /**
     * Refuses a value outside of what the row allows.
     *
     * @param value of the type that {@link Kind} tells; any whole number type for numbers and sizes
     * @throws ConfigException when it is not allowed
     */
    void check(Object value) {
        check(value, value instanceof Duration duration ? text(duration) : value.toString());
    }

    private void check(Object value, String shown) {
        boolean allowed;
        if (value instanceof Duration duration) {
            allowed = within(duration.toMillis());
        } else if (value instanceof Double ratio) {
            allowed = ratio >= 0 && ratio <= 1;
        } else if (value instanceof Number number) {
            long amount = number.longValue();
            if (multipleOf > 1 && amount % multipleOf != 0) {
                throw new ConfigException(name, "must be a multiple of " + multipleOf + ", was " + shown);
            }
            allowed = within(amount);
        } else if (kind == Kind.DURATIONS && value instanceof List<?> durations) {
            allowed = within(durations.size());
        } else if (kind == Kind.TEXT && value instanceof String string) {
            allowed = within(string.length()) && string.chars().noneMatch(Character::isISOControl);
        } else {
            allowed = true;
        }
        if (!allowed) throw wrong(shown);
    }

    private boolean within(long amount) {
        return amount >= least && amount <= most;
    }

    private ConfigException wrong(String shown) {
        return new ConfigException(name, "must be " + allowed() + ", was " + (shown.isEmpty() ? "empty" : shown));
    }

    private Path path(String text) {
        if (text.isEmpty()) throw wrong(text);
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw wrong(text);
        }
    }

    private Long number(String text) {
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException e) {
            throw wrong(text);
        }
    }

    private Long size(String text) {
        Matcher match = SIZE.matcher(text);
        if (!match.matches()) throw wrong(text);
        long unit = match.group(2) == null ? 1 : sizeUnit(match.group(2));
        try {
            return Math.multiplyExact(Long.parseLong(match.group(1)), unit);
        } catch (ArithmeticException e) {
            throw wrong(text);
        }
    }

    private static long sizeUnit(String unit) {
        return switch (unit) {
            case "KiB" -> 1L << 10;
            case "MiB" -> 1L << 20;
            case "GiB" -> 1L << 30;
            case "TiB" -> 1L << 40;
            default -> 1;
        };
    }

    private Duration duration(String text) {
        Matcher match = DURATION.matcher(text);
        if (!match.matches()) throw wrong(text);
        long amount = Long.parseLong(match.group(1));
        try {
            return switch (match.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofMillis(Math.multiplyExact(amount, 1_000L));
                case "m" -> Duration.ofMillis(Math.multiplyExact(amount, 60_000L));
                case "h" -> Duration.ofMillis(Math.multiplyExact(amount, 3_600_000L));
                default -> Duration.ofMillis(Math.multiplyExact(amount, 86_400_000L));
            };
        } catch (ArithmeticException e) {
            throw wrong(text);
        }
    }

    private List<Duration> durations(String text) {
        List<Duration> found = new ArrayList<>();
        for (String part : text.split("\\s+", -1)) {
            if (part.endsWith("ms")) throw wrong(text);
            Duration each = duration(part);
            if (each.compareTo(LONGEST_OF_MANY) > 0) throw wrong(text);
            found.add(each);
        }
        return List.copyOf(found);
    }

    private Double ratio(String text) {
        try {
            return new BigDecimal(text).doubleValue();
        } catch (NumberFormatException e) {
            throw wrong(text);
        }
    }

    private Boolean flag(String text) {
        if (text.equalsIgnoreCase("true")) return Boolean.TRUE;
        if (text.equalsIgnoreCase("false")) return Boolean.FALSE;
        throw wrong(text);
    }

    private String word(String text) {
        String word = text.toUpperCase(Locale.ROOT);
        if (words.stream().noneMatch(allowed -> allowed.toUpperCase(Locale.ROOT).equals(word))) throw wrong(text);
        return word;
    }

    private List<String> words(String text) {
        List<String> found = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String word = part.trim().toUpperCase(Locale.ROOT);
            if (words.stream()
                    .noneMatch(allowed -> allowed.toUpperCase(Locale.ROOT).equals(word))) throw wrong(text);
            found.add(word);
        }
        return List.copyOf(found);
    }

    private Map<String, Long> rates(String text) {
        if (text.equalsIgnoreCase("none")) return Map.of();
        Map<String, Long> found = new LinkedHashMap<>();
        for (String part : text.split(",", -1)) {
            int equals = part.lastIndexOf('=');
            if (equals < 1) throw wrong(text);
            Long rate = number(part.substring(equals + 1).trim());
            boolean twice = found.put(part.substring(0, equals).trim(), rate) != null;
            if (twice || !within(rate)) throw wrong(text);
        }
        return Map.copyOf(found);
    }

    private List<HostPort> addresses(String text) {
        List<HostPort> found = new ArrayList<>();
        for (String part : text.split("[;,]", -1)) {
            if (part.isBlank()) continue;
            try {
                found.add(HostPort.parse(part.trim()));
            } catch (IllegalArgumentException e) {
                throw wrong(text);
            }
        }
        if (found.isEmpty()) throw wrong(text);
        return List.copyOf(found);
    }

    /** Returns a duration as a setting writes it, in the largest unit that divides it. */
    static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0) return "0ms";
        if (millis % 3_600_000 == 0) return millis / 3_600_000 + "h";
        if (millis % 60_000 == 0) return millis / 60_000 + "m";
        return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
    }

    /** Returns a number of bytes as a setting writes it, in the largest unit that divides it. */
    private static String sizeText(long bytes) {
        if (bytes > 0 && bytes % (1L << 30) == 0) return (bytes >> 30) + "GiB";
        if (bytes > 0 && bytes % (1L << 20) == 0) return (bytes >> 20) + "MiB";
        if (bytes > 0 && bytes % (1L << 10) == 0) return (bytes >> 10) + "KiB";
        return Long.toString(bytes);
    }
}
