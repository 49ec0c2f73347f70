package io.vostok.broker.pop;

import io.vostok.broker.Refusal;
import io.vostok.broker.Ruling;

/**
 * The receipt of one popped message: extraInfo of acks, and the property {@code POP_CK} (remoting reference 8.2).
 *
 * @param startOffset with pop time, group, topic and queue the name of the checkpoint
 * @param reviveQueue {@link #ORDERLY} when the message was popped in order
 * @param retry one of {@link PopTopics}
 * @param offset of the message in its queue
 */
public record PopReceipt(
        long startOffset,
        long popMillis,
        long invisibleMillis,
        int reviveQueue,
        int retry,
        String brokerName,
        int queueId,
        long offset) {

    /** The revive queue that marks a pop in order. */
    public static final int ORDERLY = 999;

    private static final int FIELDS = 7;
    private static final int LONGEST = 1_024;

    /** Returns the text that clients carry. */
    public String text() {
        return startOffset + " " + popMillis + " " + invisibleMillis + " " + reviveQueue + " " + retry + " "
                + brokerName + " " + queueId + " " + offset;
    }

    /**
     * Reads a receipt. What follows the eighth field is not looked at.
     *
     * @param offset of the message; counts when the receipt has only seven fields
     * @return the receipt, or INVALID_ARGUMENT
     */
    public static Ruling<PopReceipt> parse(String text, long offset) {
        String[] fields = text.length() > LONGEST ? new String[0] : text.split(" ");
        if (fields.length < FIELDS) return malformed("has fewer than " + FIELDS + " fields, or too many characters");
        try {
            return Ruling.granted(new PopReceipt(
                    Long.parseLong(fields[0]),
                    Long.parseLong(fields[1]),
                    Long.parseLong(fields[2]),
                    Integer.parseInt(fields[3]),
                    Integer.parseInt(fields[4]),
                    fields[5],
                    Integer.parseInt(fields[6]),
                    fields.length > FIELDS ? Long.parseLong(fields[7]) : offset));
        } catch (NumberFormatException e) {
            return malformed("has a field that is no number");
        }
    }

    private static Ruling<PopReceipt> malformed(String why) {
        return Ruling.denied(Refusal.INVALID_ARGUMENT, "the receipt (extraInfo) " + why);
    }
}
