package io.vostok.wire.body;

/** The answer to VIEW_BROKER_STATS_DATA. */
public record StatsData(Item minute, Item hour, Item day) {
    /**
     * A stretch of time.
     *
     * @param sum what was counted
     * @param perSecond the same by second
     * @param each the mean of one count
     */
    public record Item(long sum, double perSecond, double each) {}

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{');
        write("statsDay", day, json);
        write("statsHour", hour, json);
        write("statsMinute", minute, json);
        return json.close('}').toBytes();
    }

    private static void write(String field, Item item, JsonText json) {
        json.key(field)
                .open('{')
                .key("avgpt")
                .decimal(item.each)
                .key("sum")
                .number(item.sum)
                .key("tps")
                .decimal(item.perSecond)
                .close('}');
    }
}
