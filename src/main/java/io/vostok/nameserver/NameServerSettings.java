package io.vostok.nameserver;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The settings of a name server, with Apache's names and defaults.
 *
 * @param orderMessageEnable routes carry the order configuration of a topic
 * @param returnOrderTopicConfigToBroker registrations are answered with all order configurations
 * @param supportActingMaster a read-only set without master shows its smallest id as id 0
 * @param enableAllTopicList 206 is answered
 * @param enableTopicList 224, 304, 311, 312 and 313 are answered
 * @param notifyMinBrokerIdChanged members are told when their smallest live id changes
 * @param needWaitForService routes are refused for a while after the start
 * @param waitSecondsForService how long, in seconds
 * @param deleteTopicWithBrokerRegistration a topic that a registration no longer lists leaves the routes
 */
public record NameServerSettings(
        boolean orderMessageEnable,
        boolean returnOrderTopicConfigToBroker,
        boolean supportActingMaster,
        boolean enableAllTopicList,
        boolean enableTopicList,
        boolean notifyMinBrokerIdChanged,
        boolean needWaitForService,
        int waitSecondsForService,
        boolean deleteTopicWithBrokerRegistration) {

    /** The defaults of Apache's name server 5.5. */
    public static final NameServerSettings USUAL =
            new NameServerSettings(false, true, false, true, true, false, false, 45, false);

    /** Settings of Apache's name server that say which files or commands it uses. */
    private static final Set<String> PROTECTED =
            Set.of("configBlackList", "configStorePath", "kvConfigPath", "rocketmqHome");

    public NameServerSettings {
        if (waitSecondsForService < 0 || waitSecondsForService > 3600) {
            throw new IllegalArgumentException(
                    "waitSecondsForService must be between 0 and 3600, was " + waitSecondsForService);
        }
    }

    /**
     * Returns these settings with all of {@code changes}, or the reason why one of them is refused; then none is taken.
     *
     * @param changes by name, as an administrator sent them
     */
    public Result<NameServerSettings> with(Map<String, String> changes) {
        if (changes.isEmpty()) return Result.denied(Denial.INVALID, "no setting given");
        var values = new TreeMap<>(values());
        for (var change : changes.entrySet()) {
            String key = change.getKey();
            String value = change.getValue().trim();
            if (isProtected(key)) {
                return Result.denied(
                        Denial.SETTING_PROTECTED, "setting " + key + " cannot be changed while the name server runs");
            }
            String old = values.get(key);
            if (old == null) {
                return Result.denied(
                        Denial.SETTING_UNKNOWN,
                        "unknown setting " + key + ", known are " + String.join(", ", values.keySet()));
            }
            boolean number = key.equals("waitSecondsForService");
            if (!(number ? isSeconds(value) : isBoolean(value))) {
                return Result.denied(
                        Denial.INVALID,
                        key + " must be " + (number ? "a number between 0 and 3600" : "true or false") + ", was "
                                + value);
            }
            values.put(key, value.toLowerCase(Locale.ROOT));
        }
        return Result.given(of(values));
    }

    /** Returns every setting by name. */
    public Map<String, String> values() {
        var values = new TreeMap<String, String>();
        values.put("orderMessageEnable", Boolean.toString(orderMessageEnable));
        values.put("returnOrderTopicConfigToBroker", Boolean.toString(returnOrderTopicConfigToBroker));
        values.put("supportActingMaster", Boolean.toString(supportActingMaster));
        values.put("enableAllTopicList", Boolean.toString(enableAllTopicList));
        values.put("enableTopicList", Boolean.toString(enableTopicList));
        values.put("notifyMinBrokerIdChanged", Boolean.toString(notifyMinBrokerIdChanged));
        values.put("needWaitForService", Boolean.toString(needWaitForService));
        values.put("waitSecondsForService", Integer.toString(waitSecondsForService));
        values.put("deleteTopicWithBrokerRegistration", Boolean.toString(deleteTopicWithBrokerRegistration));
        return values;
    }

    private static NameServerSettings of(Map<String, String> values) {
        return new NameServerSettings(
                Boolean.parseBoolean(values.get("orderMessageEnable")),
                Boolean.parseBoolean(values.get("returnOrderTopicConfigToBroker")),
                Boolean.parseBoolean(values.get("supportActingMaster")),
                Boolean.parseBoolean(values.get("enableAllTopicList")),
                Boolean.parseBoolean(values.get("enableTopicList")),
                Boolean.parseBoolean(values.get("notifyMinBrokerIdChanged")),
                Boolean.parseBoolean(values.get("needWaitForService")),
                Integer.parseInt(values.getOrDefault("waitSecondsForService", "")),
                Boolean.parseBoolean(values.get("deleteTopicWithBrokerRegistration")));
    }

    /** Names of files, folders and commands are refused whatever prefix they have, as are keys that hide in white space. */
    private static boolean isProtected(String key) {
        String lower = key.toLowerCase(Locale.ROOT);
        return PROTECTED.contains(key)
                || lower.contains("path")
                || lower.contains("dir")
                || lower.contains("home")
                || lower.contains("command")
                || lower.contains("script");
    }

    private static boolean isBoolean(String value) {
        return value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false");
    }

    private static boolean isSeconds(String value) {
        return value.matches("[0-9]{1,4}") && Integer.parseInt(value) <= 3600;
    }
}
