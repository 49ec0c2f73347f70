package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.delay.DelayRules;
import io.vostok.broker.flow.RateLimits;
import io.vostok.broker.send.BatchEntries;
import io.vostok.broker.send.Send;
import io.vostok.broker.send.SendDecision;
import io.vostok.broker.send.SendRules;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.transaction.TransactionRules;
import io.vostok.metrics.Tally;
import io.vostok.model.GroupName;
import io.vostok.model.MessageProperties;
import io.vostok.model.OffsetMessageId;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.QueueId;
import io.vostok.model.SysFlag;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.store.FirstSend;
import io.vostok.store.RecentSends;
import io.vostok.store.StoreException;
import io.vostok.store.Stored;
import io.vostok.store.dedupe.RepeatKeys;
import io.vostok.store.timer.Timers;
import io.vostok.store.transaction.HalfMessages;
import io.vostok.time.Clock;
import io.vostok.wire.record.RecordEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Sends of one event loop: asks the rules, encodes the record, appends it. Used only on that loop. */
final class LocalSends {
    /** Sends that may wait for their topic to be created; each keeps a copy of its message. */
    private static final int MOST_DEFERRED = 1_024;

    /** A message id with its comma, for an IPv6 host. */
    private static final int MESSAGE_ID_BYTES = 57;
    /** Of the 16 MiB that a header may have. */
    private static final int MOST_ANSWER_BYTES = 15 << 20;

    private final SendRules rules;
    private final DelayRules delayRules;
    private final TransactionRules transactionRules;
    private final IntSupplier pendingHalves;
    private final TopicRules topicRules;
    private final Tables tables;
    private final LogClient log;
    private final TransactionsClient transactions;
    private final Registry registry;
    private final Predicate<GroupName> consumesOrderly;
    private final Clock clock;
    private final Endpoint storeHost;
    private final boolean recordCrc;
    private final @Nullable RepeatKeys repeatKeys;
    private final RateLimits rates;
    private final Tally delays;
    private final OffsetMessageId.Writer ids;
    private final RecordEncoder encoder = new RecordEncoder();
    private final PropertiesEditor entryProperties = new PropertiesEditor();
    private @Nullable TopicName lastTopic;
    private byte[] lastTopicBytes = new byte[0];
    /** The topic's share of the keys of its sends; {@link RepeatKeys#NONE} for topics whose sends are never repeats. */
    private long lastTopicKey;

    /** The timer topic's share. */
    private final long timersKey;

    private int deferred;
    private long deferredBytes;

    /**
     * @param pendingHalves tells how many half messages are undecided
     * @param delays takes what waits for a time of its own, by topic, and for how many seconds
     * @param repeatKeys null when a send that comes again is stored again
     */
    LocalSends(
            SendRules rules,
            DelayRules delayRules,
            TransactionRules transactionRules,
            IntSupplier pendingHalves,
            TopicRules topicRules,
            Tables tables,
            LogClient log,
            TransactionsClient transactions,
            Registry registry,
            Predicate<GroupName> consumesOrderly,
            Clock clock,
            Endpoint storeHost,
            boolean recordCrc,
            @Nullable RepeatKeys repeatKeys,
            RateLimits rates,
            Tally delays) {
        this.rules = rules;
        this.delayRules = delayRules;
        this.transactionRules = transactionRules;
        this.pendingHalves = pendingHalves;
        this.topicRules = topicRules;
        this.tables = tables;
        this.log = log;
        this.transactions = transactions;
        this.registry = registry;
        this.consumesOrderly = consumesOrderly;
        this.clock = clock;
        this.storeHost = storeHost;
        this.recordCrc = recordCrc;
        this.repeatKeys = repeatKeys;
        this.rates = rates;
        this.delays = delays;
        this.ids = OffsetMessageId.writerFor(storeHost.socket());
        this.timersKey = topicKey(Timers.TOPIC, Timers.TOPIC.value().getBytes(StandardCharsets.US_ASCII));
    }

    /** Stores a message or batch; {@code properties} and {@code body} are used up or copied before this returns. */
    void send(Send send, PropertiesEditor properties, ByteBuffer body, Endpoint bornHost, SendListener listener) {
        send(send, properties, body, bornHost, listener, false);
    }

    private void send(
            Send send,
            PropertiesEditor properties,
            ByteBuffer body,
            Endpoint bornHost,
            SendListener listener,
            boolean again) {
        SendDecision decision =
                rules.decide(send, properties, body.remaining(), tables.topics(), tables.groups(), consumesOrderly);
        if (decision instanceof SendDecision.Store store) {
            if (send.batch()) {
                storeBatch(send, store, body, bornHost, listener);
            } else {
                store(send, store, properties, body, bornHost, listener);
            }
        } else if (decision instanceof SendDecision.Refuse refuse) {
            listener.refused(refuse.refused());
        } else if (again) {
            listener.refused(
                    new Refused(Refusal.TOPIC_NOT_FOUND, "topic `" + send.topic() + "` was deleted meanwhile"));
        } else if (decision instanceof SendDecision.CreateTopic create) {
            defer(send, properties, body, bornHost, listener, registry.create(List.of(create.topic()), List.of()));
        } else if (decision instanceof SendDecision.CreateDeadLetterTopic create) {
            @Nullable Topic missing = topicRules.missingDeadLetterTopic(create.group(), tables.topics());
            defer(
                    send,
                    properties,
                    body,
                    bornHost,
                    listener,
                    registry.create(missing == null ? List.of() : List.of(missing), List.of()));
        }
    }

    /** Sends again once the topic is there. The frame is gone by then, so the message is copied. */
    private void defer(
            Send send,
            PropertiesEditor properties,
            ByteBuffer body,
            Endpoint bornHost,
            SendListener listener,
            Future<Void> created) {
        int bytes = body.remaining() + properties.length();
        @Nullable
        Refused busy = deferred == MOST_DEFERRED
                ? new Refused(
                        Refusal.BUSY, MOST_DEFERRED + " sends wait for their topics to be created; send again later")
                : log.admission((int) Math.min(Integer.MAX_VALUE, deferredBytes + bytes));
        if (busy != null) {
            listener.refused(busy);
            return;
        }
        byte[] keptProperties = properties.toBytes();
        ByteBuffer keptBody =
                ByteBuffer.allocate(body.remaining()).put(body.duplicate()).flip();
        deferred++;
        deferredBytes += bytes;
        created.onComplete(done -> {
            deferred--;
            deferredBytes -= bytes;
            if (done.failed()) {
                listener.refused(refusalOf(done.cause()));
                return;
            }
            PropertiesEditor editor = new PropertiesEditor().load(keptProperties, 0, keptProperties.length);
            send(send, editor, keptBody, bornHost, listener, true);
        });
    }

    static Refused refusalOf(Throwable cause) {
        if (cause instanceof Registry.RefusedException refusal) return refusal.refused();
        if (cause instanceof StoreException store) return Refusals.of(store);
        return new Refused(Refusal.FAILED, String.valueOf(cause.getMessage()));
    }

    private void store(
            Send send,
            SendDecision.Store where,
            PropertiesEditor properties,
            ByteBuffer body,
            Endpoint bornHost,
            SendListener listener) {
        @Nullable String givenId = properties.get(MessageProperties.UNIQ_KEY);
        String uniqueId = rules.complete(properties, givenId);
        QueueId target = new QueueId(where.topic().name(), where.queueId());
        Ruling<QueueId> place = TransactionRules.transactional(properties, send.reconsumeTimes())
                ? transactionRules.prepare(properties, target, uniqueId, pendingHalves.getAsInt(), clock.wallMillis())
                : delayRules.park(properties, SysFlag.shownInQueues(send.sysFlag()), target, clock.wallMillis());
        @Nullable Refused nowhere = place.refused();
        if (nowhere != null) {
            listener.refused(nowhere);
            return;
        }
        QueueId queue = place.value();
        byte[] text = properties.bytes();
        int textLength = properties.length();
        int stored = RecordEncoder.storedPropertiesBytes(text, 0, textLength, recordCrc);
        if (stored > SendRules.MAX_PROPERTIES_BYTES) {
            listener.refused(propertiesTooLong(stored));
            return;
        }
        byte[] topic = bytesOf(queue.topic());
        int size = RecordEncoder.sizeBytes(
                bornHost.address().length, storeHost.address().length, body.remaining(), topic.length, stored);
        @Nullable Refused busy = admission(where, size, 1);
        if (busy != null) {
            listener.refused(busy);
            return;
        }
        encode(
                log.room(size),
                send,
                where.topic().multiTag(),
                queue.index(),
                send.flag(),
                body,
                topic,
                text,
                textLength,
                bornHost);
        @Nullable String recallHandle = delayRules.recallHandle(queue, properties, uniqueId);
        boolean late = queue.equals(target)
                && properties.contains(MessageProperties.TIMER_DELIVER_MS)
                && RecentSends.pastItsTime(text, textLength);
        log.append(
                queue,
                size,
                1,
                repeatKey(givenId, late),
                new Pending(
                        listener,
                        where.queueId(),
                        uniqueId,
                        recallHandle,
                        null,
                        queue.equals(HalfMessages.HALVES),
                        queue.equals(Timers.QUEUE) ? delay(target.topic(), send.bornMillis(), properties) : null));
    }

    private static Delay delay(TopicName topic, long bornMillis, PropertiesEditor properties) {
        long dueMillis = Long.parseLong(String.valueOf(properties.get(MessageProperties.TIMER_OUT_MS)));
        return new Delay(topic.value(), Math.max(0, dueMillis - bornMillis) / 1_000);
    }

    private void storeBatch(
            Send send, SendDecision.Store where, ByteBuffer body, Endpoint bornHost, SendListener listener) {
        BatchEntries batch = BatchEntries.read(body);
        @Nullable Refused broken = batch.refused();
        if (broken != null) {
            listener.refused(broken);
            return;
        }
        byte[] topic = bytesOf(where.topic().name());
        List<BatchEntries.Entry> entries = batch.entries();
        int[] sizes = new int[entries.size()];
        long total = 0;
        @Nullable String firstId = null;
        boolean allNamed = true;
        StringBuilder uniqueIds = new StringBuilder();
        for (int i = 0; i < sizes.length; i++) {
            BatchEntries.Entry entry = entries.get(i);
            loadEntry(entry);
            @Nullable String uniqueId = entryProperties.get(MessageProperties.UNIQ_KEY);
            if (i == 0) firstId = uniqueId;
            allNamed &= uniqueId != null;
            if (uniqueId != null)
                uniqueIds.append(uniqueIds.isEmpty() ? "" : ",").append(uniqueId);
            int stored = RecordEncoder.storedPropertiesBytes(
                    entryProperties.bytes(), 0, entryProperties.length(), recordCrc);
            if (stored > SendRules.MAX_PROPERTIES_BYTES) {
                listener.refused(propertiesTooLong(stored));
                return;
            }
            sizes[i] = RecordEncoder.sizeBytes(
                    bornHost.address().length,
                    storeHost.address().length,
                    entry.body().remaining(),
                    topic.length,
                    stored);
            total += sizes[i];
        }
        if (total > Integer.MAX_VALUE) {
            listener.refused(new Refused(Refusal.MESSAGE_TOO_LARGE, "the batch takes " + total + " bytes in the log"));
            return;
        }
        // Nothing is stored whose answer no header can hold; a character takes six bytes at most.
        long answerBytes = sizes.length * (long) MESSAGE_ID_BYTES + uniqueIds.length() * 6L;
        if (answerBytes > MOST_ANSWER_BYTES) {
            listener.refused(new Refused(
                    Refusal.MESSAGE_TOO_LARGE,
                    "the answer to a batch of " + sizes.length + " messages with " + uniqueIds.length()
                            + " characters of unique ids fits no header; send smaller batches"));
            return;
        }
        int size = (int) total;
        @Nullable Refused busy = admission(where, size, sizes.length);
        if (busy != null) {
            listener.refused(busy);
            return;
        }
        ByteBuffer room = log.room(size);
        for (BatchEntries.Entry entry : entries) {
            loadEntry(entry);
            encode(
                    room,
                    send,
                    where.topic().multiTag(),
                    where.queueId(),
                    entry.flag(),
                    entry.body(),
                    topic,
                    entryProperties.bytes(),
                    entryProperties.length(),
                    bornHost);
        }
        log.append(
                new QueueId(where.topic().name(), where.queueId()),
                size,
                sizes.length,
                repeatKey(allNamed ? firstId : null, false),
                new Pending(listener, where.queueId(), uniqueIds.toString(), null, sizes, false, null));
    }

    private @Nullable Refused admission(SendDecision.Store where, int sizeBytes, int count) {
        @Nullable Refused busy = log.admission(sizeBytes);
        if (busy != null) return busy;
        TopicName topic = where.topic().name();
        // What a group could not process is not held up by a limit meant for producers.
        return topic.isRetry() || topic.isDeadLetter() ? null : rates.take(topic.value(), count);
    }

    /** Entries keep the properties the client gave them, without what only the log may write. */
    private void loadEntry(BatchEntries.Entry entry) {
        entryProperties.load(entry.properties()).remove(MessageProperties.CRC32);
    }

    private void encode(
            ByteBuffer room,
            Send send,
            boolean multiTag,
            int queueId,
            int flag,
            ByteBuffer body,
            byte[] topic,
            byte[] properties,
            int propertiesLength,
            Endpoint bornHost) {
        int shown = SysFlag.shownInQueues(send.sysFlag());
        int sysFlag = multiTag ? shown | SysFlag.MULTI_TAGS : shown;
        encoder.encode(
                room,
                queueId,
                flag,
                sysFlag,
                send.bornMillis(),
                bornHost.address(),
                bornHost.port(),
                storeHost.address(),
                storeHost.port(),
                send.reconsumeTimes(),
                0,
                body,
                topic,
                properties,
                0,
                propertiesLength,
                recordCrc);
    }

    private static Refused propertiesTooLong(int stored) {
        return new Refused(
                Refusal.MESSAGE_TOO_LARGE,
                "the properties take " + stored + " bytes with what the broker adds, at most "
                        + SendRules.MAX_PROPERTIES_BYTES + " are taken");
    }

    /** Neighbouring sends mostly go to one topic, so its bytes are kept. */
    private byte[] bytesOf(TopicName topic) {
        if (!topic.equals(lastTopic)) {
            lastTopic = topic;
            lastTopicBytes = topic.value().getBytes(StandardCharsets.US_ASCII);
            lastTopicKey = topicKey(topic, lastTopicBytes);
        }
        return lastTopicBytes;
    }

    private long topicKey(TopicName topic, byte[] bytes) {
        // A consumer that sends a failed message back by an ordinary send uses its id again and again.
        if (repeatKeys == null || topic.isRetry() || topic.isDeadLetter()) return RepeatKeys.NONE;
        return repeatKeys.ofTopic(bytes, 0, bytes.length);
    }

    /**
     * Returns the key of a send to the topic that {@link #bytesOf} was asked for last; ids made here come only once.
     *
     * @param late whether it is of those that {@link RecentSends#pastItsTime}
     */
    private long repeatKey(@Nullable String givenId, boolean late) {
        if (givenId == null || repeatKeys == null || lastTopicKey == RepeatKeys.NONE) return RepeatKeys.NONE;
        return repeatKeys.of(late ? timersKey : lastTopicKey, givenId);
    }

    /** How long a message is to wait from its birth. */
    private record Delay(String topic, long seconds) {}

    /** Turns the place of a record into the producer's answer. */
    private final class Pending implements AppendListener {
        private final SendListener listener;
        private final int sentQueueId;
        private int queueId;
        private final String uniqueId;
        private @Nullable String recallHandle;
        private final int @Nullable [] batchSizes;
        private final boolean half;
        /** Of a message that is stored to wait for its time, until that is counted. */
        private @Nullable Delay delay;
        /** A half message that was not stored because it was there before. */
        private byte @Nullable [] repeatedHalf;

        Pending(
                SendListener listener,
                int queueId,
                String uniqueId,
                @Nullable String recallHandle,
                int @Nullable [] batchSizes,
                boolean half,
                @Nullable Delay delay) {
            this.listener = listener;
            this.sentQueueId = queueId;
            this.queueId = queueId;
            this.uniqueId = uniqueId;
            this.recallHandle = recallHandle;
            this.batchSizes = batchSizes;
            this.half = half;
            this.delay = delay;
        }

        @Override
        public void repeats(FirstSend first, ByteBuffer encoded) {
            queueId = first.queueId();
            delay = null;
            // A delay that was counted from the first send ends when that says: a later recall would come too late.
            if (recallHandle != null) recallHandle = DelayRules.recallHandle(recallHandle, first.dueMillis());
            if (!half) return;
            byte[] kept = new byte[encoded.remaining()];
            encoded.get(kept);
            repeatedHalf = kept;
        }

        @Override
        public void stored(Stored stored) {
            answer(stored, false);
        }

        @Override
        public void flushTimedOut(Stored stored) {
            answer(stored, true);
        }

        private void answer(Stored stored, boolean flushTimedOut) {
            if (delay != null) delays.add(delay.topic(), Tally.NO_GROUP, 1, delay.seconds());
            delay = null;
            byte @Nullable [] repeated = repeatedHalf;
            if (repeated == null) {
                listener.sent(sent(stored, flushTimedOut));
                return;
            }
            // A transaction that was rolled back is tried again with the same message: that is no repeat, though it
            // looks
            // like one, and the answer of the first would let its commit go nowhere.
            transactions.undecided(stored.queueOffset()).onComplete(undecided -> {
                if (undecided.failed()) {
                    listener.refused(refusalOf(undecided.cause()));
                } else if (undecided.result()) {
                    listener.sent(sent(stored, flushTimedOut));
                } else {
                    storeAnew(repeated);
                }
            });
        }

        private void storeAnew(byte[] repeated) {
            @Nullable Refused busy = log.admission(repeated.length);
            if (busy != null) {
                listener.refused(busy);
                return;
            }
            log.room(repeated.length).put(repeated);
            log.append(
                    HalfMessages.HALVES,
                    repeated.length,
                    1,
                    new Pending(listener, sentQueueId, uniqueId, null, null, true, null));
        }

        @Override
        public void failed(StoreException failure) {
            listener.refused(Refusals.of(failure));
        }

        private Sent sent(Stored stored, boolean flushTimedOut) {
            return new Sent(
                    messageIds(stored.position()),
                    queueId,
                    stored.queueOffset(),
                    uniqueId,
                    recallHandle,
                    flushTimedOut);
        }

        private String messageIds(long first) {
            if (batchSizes == null) return idAt(first);
            StringBuilder ids = new StringBuilder(batchSizes.length * 33);
            long position = first;
            for (int size : batchSizes) {
                if (!ids.isEmpty()) ids.append(',');
                ids.append(idAt(position));
                position += size;
            }
            return ids.toString();
        }

        private String idAt(long position) {
            return ids.format(position);
        }
    }
}
