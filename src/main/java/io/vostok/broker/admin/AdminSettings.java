package io.vostok.broker.admin;

import io.vostok.broker.Refusal;
import io.vostok.broker.Ruling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a broker under Apache's names: those that can be changed live, and those that only a restart changes.
 * Names of files, folders and commands are refused whatever they are (CVE-2023-33246, CVE-2023-37582).
 *
 * @param fixed values by name, not to be changed
 */
public record AdminSettings(LiveSettings live, Map<String, String> fixed) {
    private static final String PERMISSION = "brokerPermission";
    private static final String CREATE_TOPICS = "autoCreateTopicEnable";
    private static final String CREATE_GROUPS = "autoCreateSubscriptionGroup";
    private static final String TRACE_ON = "traceOn";
    private static final String RETENTION_HOURS = "fileReservedTime";
    private static final String DELETE_HOUR = "deleteWhen";

    private static final List<String> DANGEROUS =
            List.of("path", "dir", "home", "command", "script", "shell", "file", "class", "blacklist", "namesrvaddr");

    public AdminSettings {
        fixed = Map.copyOf(fixed);
    }

    /** Returns every setting by name, sorted. */
    public Map<String, String> values() {
        Map<String, String> values = new TreeMap<>(fixed);
        values.putAll(liveValues());
        return values;
    }

    /** Returns the settings that can be changed, by name, sorted. */
    public Map<String, String> liveValues() {
        Map<String, String> values = new TreeMap<>();
        values.put(PERMISSION, Integer.toString(live.permission()));
        values.put(CREATE_TOPICS, Boolean.toString(live.autoCreateTopics()));
        values.put(CREATE_GROUPS, Boolean.toString(live.autoCreateGroups()));
        values.put(TRACE_ON, Boolean.toString(live.traceOn()));
        values.put(RETENTION_HOURS, Long.toString(Math.max(1, live.retention().toHours())));
        values.put(DELETE_HOUR, String.format(Locale.ROOT, "%02d", live.deleteHour()));
        return values;
    }

    /** Returns these settings with all of {@code changes}, or the reason why one is refused; then none is taken. */
    public Ruling<AdminSettings> with(Map<String, String> changes) {
        if (changes.isEmpty()) return Ruling.denied(Refusal.INVALID_ARGUMENT, "no setting given");
        List<String> wrong = new ArrayList<>();
        Map<String, String> values = liveValues();
        for (Map.Entry<String, String> change : changes.entrySet()) {
            String name = change.getKey();
            String value = change.getValue().trim();
            if (!values.containsKey(name)) {
                return fixed.containsKey(name) || !isDangerous(name) ? unchangeable(name) : dangerous(name);
            }
            String problem = problem(name, value);
            if (problem != null) wrong.add(name + " must be " + problem + ", was " + shown(value));
            values.put(name, value);
        }
        if (!wrong.isEmpty()) return Ruling.denied(Refusal.INVALID_ARGUMENT, String.join("; ", wrong));
        return Ruling.granted(new AdminSettings(of(values, changes.containsKey(RETENTION_HOURS)), fixed));
    }

    private LiveSettings of(Map<String, String> values, boolean otherRetention) {
        return new LiveSettings(
                Integer.parseInt(text(values, PERMISSION)),
                Boolean.parseBoolean(text(values, CREATE_TOPICS)),
                Boolean.parseBoolean(text(values, CREATE_GROUPS)),
                Boolean.parseBoolean(text(values, TRACE_ON)),
                otherRetention ? Duration.ofHours(Long.parseLong(text(values, RETENTION_HOURS))) : live.retention(),
                Integer.parseInt(text(values, DELETE_HOUR)));
    }

    private static String text(Map<String, String> values, String name) {
        return values.getOrDefault(name, "").toLowerCase(Locale.ROOT);
    }

    private static @Nullable String problem(String name, String value) {
        return switch (name) {
            case PERMISSION -> value.matches("[0246]") ? null : "0, 2 (write), 4 (read) or 6 (both)";
            case RETENTION_HOURS -> inRange(value, 1, 87_600) ? null : "hours from 1 to 87600";
            case DELETE_HOUR -> inRange(value, -1, 23) ? null : "one hour from 0 to 23, or -1 for any";
            default -> value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false") ? null : "true or false";
        };
    }

    private static boolean inRange(String value, int least, int most) {
        if (!value.matches("-?[0-9]{1,6}")) return false;
        int number = Integer.parseInt(value);
        return number >= least && number <= most;
    }

    private Ruling<AdminSettings> unchangeable(String name) {
        return Ruling.denied(
                Refusal.INVALID_ARGUMENT,
                "setting " + shown(name) + (fixed.containsKey(name) ? " needs a restart" : " is unknown")
                        + "; a running broker takes "
                        + String.join(", ", liveValues().keySet()));
    }

    private static Ruling<AdminSettings> dangerous(String name) {
        return Ruling.denied(
                Refusal.FORBIDDEN,
                "setting " + shown(name) + " names a file, a folder or a command and cannot be changed from outside");
    }

    private static boolean isDangerous(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return DANGEROUS.stream().anyMatch(lower::contains);
    }

    private static String shown(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= 64 ? clean : clean.substring(0, 64) + "...";
    }
}
