package io.vostok.service;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.delay.RecallRules;
import io.vostok.time.Clock;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Recalls of one event loop: asks the rules and stores what recalls the message. Used only there. */
final class LocalRecalls {
    private static final byte[] BODY = {'0'};

    private final ContextInternal loop;
    private final RecallRules rules;
    private final Tables tables;
    private final LocalSends sends;
    private final Clock clock;

    LocalRecalls(ContextInternal loop, RecallRules rules, Tables tables, LocalSends sends, Clock clock) {
        this.loop = loop;
        this.rules = rules;
        this.tables = tables;
        this.sends = sends;
        this.clock = clock;
    }

    /** Completes with the unique id of the recalled message; fails with {@link Registry.RefusedException}. */
    Future<String> recall(String producerGroup, String topic, String handle, Endpoint bornHost) {
        Ruling<RecallRules.Recall> ruling =
                rules.decide(producerGroup, topic, handle, tables.topics(), clock.wallMillis());
        @Nullable Refused refused = ruling.refused();
        if (refused != null) return loop.failedFuture(new Registry.RefusedException(refused));
        RecallRules.Recall recall = ruling.value();
        Promise<String> done = loop.promise();
        sends.send(recall.send(), recall.properties(), ByteBuffer.wrap(BODY), bornHost, new SendListener() {
            @Override
            public void sent(Sent sent) {
                done.complete(recall.uniqueId());
            }

            @Override
            public void refused(Refused why) {
                // It was due in the meantime; for a recall that is no message's fault.
                boolean late = why.refusal() == Refusal.MESSAGE_ILLEGAL;
                done.fail(new Registry.RefusedException(
                        late ? new Refused(Refusal.ILLEGAL_OPERATION, why.words()) : why));
            }
        });
        return done.future();
    }
}
