package io.vostok.broker.pop;

/** Writes the texts by which clients make receipts of a pop's answer (storage reference 13.4). */
public final class PopOffsets {
    private final StringBuilder starts = new StringBuilder();
    private final StringBuilder messages = new StringBuilder();
    private final StringBuilder orderCounts = new StringBuilder();

    /** Adds a queue; each pair of {@code retry} and queue once. */
    public void queue(int retry, int queueId, long startOffset) {
        separate(starts).append(retry).append(' ').append(queueId).append(' ').append(startOffset);
        separate(messages).append(retry).append(' ').append(queueId).append(' ');
    }

    /** Adds a message of the queue that was added last; ascending. */
    public void message(long offset) {
        char last = messages.charAt(messages.length() - 1);
        if (last != ' ') messages.append(',');
        messages.append(offset);
    }

    /** Adds how often a message popped in order was given out before, if it was. */
    public void attempts(int queueId, long offset, int count) {
        if (count == 0) return;
        separate(orderCounts)
                .append(PopTopics.NORMAL)
                .append(" qo")
                .append(queueId)
                .append('%')
                .append(offset)
                .append(' ')
                .append(count);
    }

    /** Adds the least of these counts of a queue. */
    public void leastAttempts(int queueId, int count) {
        separate(orderCounts)
                .append(PopTopics.NORMAL)
                .append(' ')
                .append(queueId)
                .append(' ')
                .append(count);
    }

    public String startOffsetInfo() {
        return starts.toString();
    }

    public String msgOffsetInfo() {
        return messages.toString();
    }

    /** Empty unless the pop was in order. */
    public String orderCountInfo() {
        return orderCounts.toString();
    }

    private static StringBuilder separate(StringBuilder text) {
        return text.isEmpty() ? text : text.append(';');
    }
}
