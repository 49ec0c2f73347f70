package io.vostok.service;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.retry.RetryDecision;
import io.vostok.broker.retry.RetryRules;
import io.vostok.broker.retry.SendBack;
import io.vostok.broker.send.SendRules;
import io.vostok.metrics.Tally;
import io.vostok.metrics.Traffic;
import io.vostok.model.MessageProperties;
import io.vostok.store.LogView;
import io.vostok.store.StoreException;
import io.vostok.store.Stored;
import io.vostok.wire.record.RecordView;
import java.util.List;

/** Messages that consumers send back, of one event loop: asks the rules, copies the message, appends it. Used only there. */
final class LocalRetries {
    /** The retry topic and the dead-letter topic may both have to be created. */
    private static final int MOST_CREATIONS = 2;

    private final ContextInternal loop;
    private final RetryRules rules;
    private final Tables tables;
    private final Registry registry;
    private final LogView view;
    private final MessageCopy copy;
    private final Tally sentBack;

    LocalRetries(
            ContextInternal loop,
            RetryRules rules,
            Tables tables,
            Registry registry,
            LogView view,
            MessageCopy copy,
            Traffic traffic) {
        this.loop = loop;
        this.rules = rules;
        this.tables = tables;
        this.registry = registry;
        this.view = view;
        this.copy = copy;
        this.sentBack = traffic.sentBack().tally();
    }

    /** Completes when the message will come again, or is a dead letter; fails with {@link Registry.RefusedException}. */
    Future<Void> sendBack(SendBack wish) {
        Promise<Void> done = loop.promise();
        decide(wish, done, MOST_CREATIONS);
        return done.future();
    }

    private void decide(SendBack wish, Promise<Void> done, int creationsLeft) {
        try {
            carryOut(decision(wish), wish, done, creationsLeft);
        } catch (StoreException damaged) {
            refuse(done, Refusals.of(damaged));
        }
    }

    private RetryDecision decision(SendBack wish) {
        RetryDecision first = rules.check(wish, tables.topics(), tables.groups());
        if (!(first instanceof RetryDecision.Read read)) return first;
        int size = view.sizeBytes(wish.position());
        if (size < 0 || !copy.read(wish.position(), size)) return new RetryDecision.Refuse(RetryRules.notFound(wish));
        RecordView record = copy.record();
        return rules.copy(
                wish,
                read,
                record.topic(),
                record.sysFlag(),
                record.reconsumeTimes(),
                copy.messageId(),
                copy.properties(),
                tables.topics());
    }

    private void carryOut(RetryDecision decision, SendBack wish, Promise<Void> done, int creationsLeft) {
        if (decision instanceof RetryDecision.Store store) {
            store(store, wish, done);
        } else if (decision instanceof RetryDecision.Refuse refuse) {
            refuse(done, refuse.refused());
        } else if (decision instanceof RetryDecision.Drop) {
            done.complete();
        } else if (decision instanceof RetryDecision.CreateTopic create) {
            if (creationsLeft == 0) {
                refuse(
                        done,
                        new Refused(Refusal.FAILED, "topic `" + create.topic().name() + "` was deleted meanwhile"));
                return;
            }
            registry.create(List.of(create.topic()), List.of()).onComplete(created -> {
                if (created.failed()) {
                    done.fail(created.cause());
                } else {
                    decide(wish, done, creationsLeft - 1);
                }
            });
        } else {
            throw new IllegalStateException("not a last decision: " + decision);
        }
    }

    private void store(RetryDecision.Store store, SendBack wish, Promise<Void> done) {
        if (copy.properties().length() > SendRules.MAX_PROPERTIES_BYTES) {
            refuse(
                    done,
                    new Refused(
                            Refusal.MESSAGE_TOO_LARGE,
                            "the properties have " + copy.properties().length()
                                    + " bytes with what a retry adds, at most " + SendRules.MAX_PROPERTIES_BYTES
                                    + " are taken"));
            return;
        }
        String topic = copy.properties().get(MessageProperties.RETRY_TOPIC);
        Refused busy = copy.append(store.queue(), store.reconsumeTimes(), new Answer(done));
        if (busy != null) refuse(done, busy);
        else
            sentBack.add(
                    topic == null ? copy.record().topic() : topic,
                    wish.group(),
                    1,
                    copy.record().sizeBytes());
    }

    private static void refuse(Promise<Void> done, Refused refused) {
        done.fail(new Registry.RefusedException(refused));
    }

    private record Answer(Promise<Void> done) implements AppendListener {
        @Override
        public void stored(Stored stored) {
            done.complete();
        }

        @Override
        public void flushTimedOut(Stored stored) {
            // As Apache: what is not known to be durable counts as not done, and the consumer keeps the message.
            refuse(done, new Refused(Refusal.FAILED, "the retry was stored, but its flush was not confirmed in time"));
        }

        @Override
        public void failed(StoreException failure) {
            refuse(done, Refusals.of(failure));
        }
    }
}
