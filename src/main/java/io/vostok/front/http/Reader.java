package io.vostok.front.http;

import io.vostok.broker.Refused;
import io.vostok.broker.pull.PullAnswer;
import io.vostok.broker.pull.PullRequest;
import io.vostok.broker.session.ClientChannel;
import io.vostok.service.Broker;
import io.vostok.service.PullListener;
import io.vostok.store.ReadResult;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads queues of one topic without being a consumer: as the tools' group, with an expression of its own, and without
 * storing how far it got. One per request; used on its event loop only.
 */
final class Reader {
    static final String GROUP = "TOOLS_CONSUMER";

    private static final int SUSPEND = 1 << 1;
    private static final int SUBSCRIPTION = 1 << 2;

    private final Broker broker;
    private final String topic;
    private final @Nullable List<String> tags;
    private final @Nullable String expression;
    private final @Nullable String expressionType;
    private final RecordView record = new RecordView();

    private Reader(
            Broker broker,
            String topic,
            @Nullable List<String> tags,
            @Nullable String expression,
            @Nullable String expressionType) {
        this.broker = broker;
        this.topic = topic;
        this.tags = tags;
        this.expression = expression;
        this.expressionType = expressionType;
    }

    /**
     * Makes a reader of what {@code tag} ({@code a || b}) or {@code filter} (SQL92) lets through; of everything when both
     * are null.
     */
    static Reader of(Broker broker, String topic, @Nullable String tag, @Nullable String filter) {
        if (tag != null && filter != null) {
            throw new Problem.Found(Problem.badRequest("give tag or filter, not both"));
        }
        if (filter != null) return new Reader(broker, topic, null, filter, "SQL92");
        if (tag == null || tag.trim().equals("*")) return new Reader(broker, topic, null, "*", "TAG");
        return new Reader(broker, topic, tags(tag), tag, "TAG");
    }

    /** Returns the tags of {@code a || b}. */
    static List<String> tags(String expression) {
        return Arrays.stream(expression.split("\\|\\|", -1))
                .map(String::trim)
                .filter(each -> !each.isEmpty())
                .toList();
    }

    /** Hears one answer. */
    interface Listener {
        /** A message that is wanted; the view is valid only during the call. */
        void message(RecordView record);

        /**
         * All messages of the answer were given.
         *
         * @param nextOffset where to read on
         * @param atEnd whether there is nothing behind it now
         * @param moved whether the queue no longer holds what was asked for
         */
        void end(long nextOffset, boolean atEnd, boolean moved);

        void refused(Refused refused);
    }

    /**
     * Reads once.
     *
     * @param holdMillis how long an empty answer may wait for messages; 0 for not at all, then the listener hears before
     *     this returns
     * @param channel whose end ends the wait
     */
    void read(
            int queue,
            long offset,
            int maxMessages,
            int maxBytes,
            long holdMillis,
            ClientChannel channel,
            Listener listener) {
        PullRequest pull = new PullRequest(
                GROUP,
                topic,
                queue,
                offset,
                maxMessages,
                holdMillis > 0 ? SUSPEND | SUBSCRIPTION : SUBSCRIPTION,
                0,
                holdMillis,
                expression,
                0,
                expressionType,
                maxBytes);
        broker.pull(pull, channel, new PullListener() {
            @Override
            public void answered(PullAnswer answer, ReadResult result, int topicSysFlag, int groupSysFlag) {
                if (answer.outcome() == PullAnswer.Outcome.FOUND) give(result, listener);
                listener.end(
                        answer.nextBeginOffset(),
                        answer.nextBeginOffset() >= result.maxOffset(),
                        answer.outcome() == PullAnswer.Outcome.OFFSET_MOVED);
            }

            @Override
            public void refused(Refused refused) {
                listener.refused(refused);
            }
        });
    }

    private void give(ReadResult result, Listener listener) {
        for (int i = 0; i < result.count(); i++) {
            ByteBuffer copy = ByteBuffer.allocate(result.sizeBytes(i));
            // One that was deleted or damaged meanwhile is left out; the next read starts behind it.
            if (!broker.copy(result, i, copy)) continue;
            record.wrap(copy, 0);
            if (wanted(record)) listener.message(record);
        }
    }

    /** The queue tells tags apart by their hash only. */
    private boolean wanted(RecordView message) {
        return tags == null || tags.contains(String.valueOf(message.property("TAGS")));
    }
}
