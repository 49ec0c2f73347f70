package io.vostok.service;

import io.vostok.broker.Ruling;
import io.vostok.broker.transaction.TransactionCounts;
import io.vostok.broker.transaction.TransactionRules;
import io.vostok.model.MessageProperties;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.QueueId;
import io.vostok.store.LogView;
import io.vostok.store.StoreException;
import io.vostok.store.transaction.Half;
import io.vostok.store.transaction.HalfMessages;
import io.vostok.wire.RequestCode;
import io.vostok.wire.record.RecordEncoder;
import io.vostok.wire.record.RecordLayout;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks producers what became of their half messages (remoting reference 9.3): any live producer of the group, in turn.
 * Driven by TransactionVerticle, on its event loop.
 */
public final class CheckBacks {
    private static final Logger LOG = LoggerFactory.getLogger(CheckBacks.class);

    private final HalfMessages halves;
    private final TransactionRules rules;
    private final SessionsClient sessions;
    private final TransactionCounts counts;
    private final String brokerName;
    private final MessageCopy copy;
    private final RecordEncoder encoder = new RecordEncoder();
    private int turn;

    /** @param sessions for the same event loop */
    public CheckBacks(
            HalfMessages halves,
            TransactionRules rules,
            LogView view,
            LogClient log,
            Appending appending,
            SessionsClient sessions,
            TransactionCounts counts,
            String brokerName) {
        this.halves = halves;
        this.rules = rules;
        this.sessions = sessions;
        this.counts = counts;
        this.brokerName = brokerName;
        this.copy = new MessageCopy(view, log, appending);
    }

    /** Asks about {@code due}; then tells {@code done} how many questions went out. */
    public void send(List<Half> due, IntConsumer done) {
        Set<String> groups = new HashSet<>();
        for (Half half : due) groups.add(half.group());
        sessions.producersOf(groups).onComplete(found -> {
            int sent = 0;
            if (found.succeeded()) {
                for (Half half : due) {
                    if (send(half, found.result().getOrDefault(half.group(), List.of()))) sent++;
                }
            }
            done.accept(sent);
        });
    }

    private boolean send(Half half, List<Peer> producers) {
        if (halves.find(half.offset()) == null) return false; // decided meanwhile
        @Nullable Peer peer = next(producers);
        if (peer == null) {
            counts.addCheckUnheard();
            return false;
        }
        try {
            if (!copy.read(half.position(), half.sizeBytes())) return false;
        } catch (StoreException damaged) {
            LOG.error("half message not checked offset={} reason=\"{}\"", half.offset(), damaged.getMessage());
            return false;
        }
        Ruling<QueueId> target = rules.target(copy.properties());
        if (target.refused() != null)
            return false; // It could not be committed: it is given up in time, and that is said.
        copy.properties().put(MessageProperties.TRANSACTION_CHECK_TIMES, half.checks());
        peer.tell(RequestCode.CHECK_TRANSACTION_STATE, fields(half), body(half, target.value()));
        counts.addCheckSent();
        return true;
    }

    /** A client that does not take what it is sent is passed over, so that nothing piles up for it. */
    private @Nullable Peer next(List<Peer> producers) {
        for (int i = 0; i < producers.size(); i++) {
            Peer peer = producers.get(Math.floorMod(turn++, producers.size()));
            if (peer.isWritable()) return peer;
        }
        return null;
    }

    private Map<String, String> fields(Half half) {
        @Nullable String uniqueId = copy.properties().get(MessageProperties.UNIQ_KEY);
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("topic", HalfMessages.HALVES.topic().value());
        fields.put("tranStateTableOffset", Long.toString(half.offset()));
        fields.put("commitLogOffset", Long.toString(half.position()));
        if (uniqueId != null) {
            fields.put("msgId", uniqueId);
            fields.put("transactionId", uniqueId);
        }
        fields.put("offsetMsgId", copy.messageId());
        fields.put("bname", brokerName);
        return fields;
    }

    /** The half message as a consumer would see it, but with its own place in the log. */
    private byte[] body(Half half, QueueId target) {
        RecordView record = copy.record();
        PropertiesEditor properties = copy.properties();
        byte[] topic = target.topic().value().getBytes(StandardCharsets.US_ASCII);
        int length = Math.min(properties.length(), MessageProperties.LARGEST_BYTES);
        byte[] born = record.bornAddress();
        byte[] store = record.storeAddress();
        byte[] bytes =
                new byte[RecordEncoder.sizeBytes(born.length, store.length, record.bodyLength(), topic.length, length)];
        ByteBuffer message = ByteBuffer.wrap(bytes);
        encoder.encode(
                message,
                target.index(),
                record.flag(),
                record.sysFlag(),
                record.bornTimestamp(),
                born,
                record.bornPort(),
                store,
                record.storePort(),
                record.reconsumeTimes(),
                0,
                record.body(),
                topic,
                properties.bytes(),
                0,
                length,
                false);
        message.putLong(RecordLayout.QUEUE_OFFSET, half.offset());
        message.putLong(RecordLayout.PHYSICAL_OFFSET, half.position());
        message.putLong(RecordLayout.storeTimestamp(record.sysFlag()), record.storeTimestamp());
        return bytes;
    }
}
