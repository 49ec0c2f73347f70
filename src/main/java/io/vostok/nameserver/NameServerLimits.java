package io.vostok.nameserver;

/**
 * What peers may make the name server remember.
 *
 * @param brokers registered addresses, masters and slaves
 * @param topicsPerBroker topics one registration may carry
 * @param routes topics summed over all broker sets
 * @param nameChars characters of a name or an address
 * @param kvEntries key-value entries over all namespaces
 * @param kvChars characters of all namespaces, keys and values together; the whole table is rewritten at each change
 */
public record NameServerLimits(
        int brokers, int topicsPerBroker, int routes, int nameChars, int kvEntries, int kvChars) {
    /** Enough for thousands of brokers' worth of topics within tens of megabytes. */
    public static final NameServerLimits USUAL = new NameServerLimits(1024, 100_000, 500_000, 512, 20_000, 2_000_000);
}
