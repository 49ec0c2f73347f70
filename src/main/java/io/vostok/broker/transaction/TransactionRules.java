package io.vostok.broker.transaction;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.delay.DelayRules;
import io.vostok.broker.transaction.EndTransaction.Outcome;
import io.vostok.model.GroupName;
import io.vostok.model.MessageProperties;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.QueueId;
import io.vostok.model.SysFlag;
import io.vostok.store.transaction.CheckSchedule;
import io.vostok.store.transaction.HalfMessages;
import org.jspecify.annotations.Nullable;

/** What becomes a half message, and what its end makes of it (remoting reference 9, storage reference 10). Pure; any thread. */
public final class TransactionRules {
    private final DelayRules delayRules;
    private final CheckSchedule schedule;
    private final int maxPending;

    /** @param maxPending half messages that may be undecided at once */
    public TransactionRules(DelayRules delayRules, CheckSchedule schedule, int maxPending) {
        this.delayRules = delayRules;
        this.schedule = schedule;
        this.maxPending = maxPending;
    }

    /**
     * Tells whether a single message that a client sends is a half message. One that failed at a consumer and comes back
     * as a send with a delay was decided long ago, whatever its properties still say.
     */
    public static boolean transactional(PropertiesEditor properties, int reconsumeTimes) {
        return Boolean.parseBoolean(properties.get(MessageProperties.TRAN_MSG))
                && !(reconsumeTimes > 0 && properties.contains(MessageProperties.DELAY));
    }

    /**
     * Makes a half message of a message for {@code target}: notes in its properties where it goes.
     *
     * @param uniqueId of the message, which becomes the id of its transaction
     * @param pending half messages that are undecided now
     * @return the queue where it waits; BUSY when too many wait, MESSAGE_ILLEGAL when it could never be decided
     */
    public Ruling<QueueId> prepare(
            PropertiesEditor properties, QueueId target, String uniqueId, int pending, long nowMillis) {
        if (pending >= maxPending) {
            return Ruling.denied(
                    Refusal.BUSY,
                    pending + " half messages are undecided, at most " + maxPending
                            + " may be (transaction.maxPending); send again when producers have ended theirs");
        }
        @Nullable String group = properties.get(MessageProperties.PGROUP);
        @Nullable String problem = group == null ? "property PGROUP is missing" : GroupName.problem(group);
        if (problem != null) {
            return Ruling.denied(
                    Refusal.MESSAGE_ILLEGAL, "a transactional message must name its producer group: " + problem);
        }
        @Nullable Refused wrongDelay = wrongDelay(properties, target, nowMillis);
        if (wrongDelay != null) return new Ruling.Denied<>(wrongDelay);
        properties.put(MessageProperties.REAL_TOPIC, target.topic().value());
        properties.put(MessageProperties.REAL_QID, target.index());
        properties.put(MessageProperties.TRANSACTION_ID, uniqueId);
        return Ruling.granted(HalfMessages.HALVES);
    }

    /** A delay begins with the commit; one that cannot be meant is refused before anybody relies on the message. */
    private @Nullable Refused wrongDelay(PropertiesEditor properties, QueueId target, long nowMillis) {
        if (!DelayRules.mayWait(properties)) return null;
        PropertiesEditor copy = new PropertiesEditor().load(properties.bytes(), 0, properties.length());
        return delayRules
                .park(copy, SysFlag.TRANSACTION_COMMIT, target, nowMillis)
                .refused();
    }

    /**
     * Checks a producer's word against the record that it names.
     *
     * @param topic of the record
     * @param queueOffset of the record
     * @return why it is not taken, or null; whether the half message is still undecided is another question
     */
    public @Nullable Refused check(EndTransaction end, String topic, long queueOffset, PropertiesEditor properties) {
        if (!topic.equals(HalfMessages.HALVES.topic().value())) return notFound(end);
        if (queueOffset != end.offset()) {
            return new Refused(
                    Refusal.FAILED,
                    "the half message at position " + end.position() + " has offset " + queueOffset + ", not "
                            + end.offset());
        }
        @Nullable String group = properties.get(MessageProperties.PGROUP);
        if (!end.producerGroup().equals(group)) {
            return new Refused(
                    Refusal.FAILED,
                    "the half message at position " + end.position() + " is of producer group `" + group + "`, not `"
                            + end.producerGroup() + "`");
        }
        // What a power cut took from a log that was not flushed makes place for others: the word must not decide those.
        @Nullable String id = end.transactionId();
        @Nullable String uniqueId = properties.get(MessageProperties.UNIQ_KEY);
        if (id != null && !id.isEmpty() && uniqueId != null && !id.equals(uniqueId)) {
            return new Refused(
                    Refusal.FAILED,
                    "the half message at position " + end.position() + " has the transaction id `" + uniqueId
                            + "`, not `" + id + "`");
        }
        return null;
    }

    /** Returns the answer to a word on a half message that is not there. */
    public static Refused notFound(EndTransaction end) {
        return new Refused(Refusal.FAILED, "no half message starts at position " + end.position() + " of the log");
    }

    /**
     * Refuses a word that comes when only an answer to a check is taken: a producer that asked for a time of its own has
     * let it pass.
     */
    public @Nullable Refused tooLate(EndTransaction end, PropertiesEditor properties, long bornMillis, long nowMillis) {
        @Nullable String immunity = properties.get(MessageProperties.CHECK_IMMUNITY_TIME_IN_SECONDS);
        if (end.fromCheck() || immunity == null) return null;
        long immunityMillis = schedule.immunityMillis(immunity);
        if (nowMillis - bornMillis <= immunityMillis) return null;
        return new Refused(
                Refusal.ILLEGAL_OPERATION,
                "the " + immunityMillis + " ms are over in which the producer could end the transaction by itself"
                        + " (CHECK_IMMUNITY_TIME_IN_SECONDS); it is asked by checks now");
    }

    /**
     * Makes the properties of a half message those of the committed one.
     *
     * @return where the message goes: its queue, or where its delay is waited for; or why it can go nowhere
     */
    public Ruling<QueueId> commit(PropertiesEditor properties, long nowMillis) {
        properties
                .remove(MessageProperties.TRANSACTION_CHECK_TIMES)
                .remove(MessageProperties.TRAN_PREPARED_QUEUE_OFFSET);
        Ruling<QueueId> target = delayRules.release(properties);
        return target.refused() != null
                ? target
                : delayRules.park(properties, SysFlag.TRANSACTION_COMMIT, target.value(), nowMillis);
    }

    /** Returns the flags of a committed message. */
    public static int committed(int sysFlag) {
        return (sysFlag & ~SysFlag.TRANSACTION_MASK) | SysFlag.TRANSACTION_COMMIT;
    }

    /** Returns where the message would go if it were committed, or why it can go nowhere. */
    public Ruling<QueueId> target(PropertiesEditor properties) {
        return delayRules.release(properties);
    }

    /** Returns what the number of a request means, or null when it means nothing (remoting reference 9.2). */
    public static @Nullable Outcome outcome(int commitOrRollback) {
        return switch (commitOrRollback) {
            case SysFlag.TRANSACTION_COMMIT -> Outcome.COMMIT;
            case SysFlag.TRANSACTION_MASK -> Outcome.ROLLBACK;
            case 0 -> Outcome.UNKNOWN;
            default -> null;
        };
    }
}
