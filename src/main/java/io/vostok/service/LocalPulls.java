package io.vostok.service;

import io.vostok.broker.Refused;
import io.vostok.broker.pull.PullAnswer;
import io.vostok.broker.pull.PullAnswers;
import io.vostok.broker.pull.PullCheck;
import io.vostok.broker.pull.PullRequest;
import io.vostok.broker.pull.PullRules;
import io.vostok.broker.session.ClientChannel;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.QueueReader;
import io.vostok.store.ReadResult;
import io.vostok.store.StoreException;
import io.vostok.store.meta.ConsumerOffsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pulls of one event loop: asks the rules, reads the queue, lets an empty answer wait. Used only on that loop. */
final class LocalPulls {
    private static final Logger LOG = LoggerFactory.getLogger(LocalPulls.class);

    /** Queue entries one pull looks at, so that a filter that matches nothing cannot hold the event loop (reference 5.3). */
    private static final int MOST_UNITS = 800;

    private final PullRules rules;
    private final Tables tables;
    private final Registry registry;
    private final QueueReader reader;
    private final ConsumeQueues queues;
    private final ConsumerOffsets offsets;
    private final LoopPulls waiting;
    private final ReadResult result = new ReadResult();
    private long failedCommits;

    LocalPulls(
            PullRules rules,
            Tables tables,
            Registry registry,
            QueueReader reader,
            ConsumeQueues queues,
            ConsumerOffsets offsets,
            LoopPulls waiting) {
        this.rules = rules;
        this.tables = tables;
        this.registry = registry;
        this.reader = reader;
        this.queues = queues;
        this.offsets = offsets;
        this.waiting = waiting;
        waiting.whenWoken(parked -> pullLater(parked.request(), null, parked.listener()));
    }

    void pull(PullRequest request, ClientChannel channel, PullListener listener) {
        pull(request, channel, listener, false);
    }

    /** Pulls outside of the request's own turn, where nobody else would answer after a failure. */
    private void pullLater(PullRequest request, @Nullable ClientChannel channel, PullListener listener) {
        try {
            pull(request, channel, listener, true);
        } catch (RuntimeException bug) {
            LOG.error("pull failed group={} topic={}", request.group(), request.topic(), bug);
            listener.refused(LocalSends.refusalOf(bug));
        }
    }

    /** @param channel whose end also ends the wait; null when the pull has waited and must be answered now */
    private void pull(
            PullRequest request, @Nullable ClientChannel channel, PullListener listener, boolean groupWasCreated) {
        PullCheck check = rules.check(request, tables.topics(), tables.groups(), tables.subscriptions());
        if (check instanceof PullCheck.Read read) {
            if (channel != null && request.commits()) commit(request, read);
            read(request, read, channel, listener);
        } else if (check instanceof PullCheck.No no) {
            listener.refused(no.refused());
        } else if (check instanceof PullCheck.CreateGroup create) {
            if (groupWasCreated) {
                listener.refused(new Refused(
                        io.vostok.broker.Refusal.GROUP_NOT_FOUND,
                        "consumer group `" + request.group() + "` was deleted meanwhile"));
                return;
            }
            registry.create(List.of(), List.of(create.group())).onComplete(done -> {
                if (done.failed()) {
                    listener.refused(LocalSends.refusalOf(done.cause()));
                } else {
                    pullLater(request, channel, listener);
                }
            });
        }
    }

    /** What lies outside the queue is not stored; the client hears of it by the answer to this very pull. */
    private void commit(PullRequest request, PullCheck.Read read) {
        @Nullable ConsumeQueue queue = queues.find(read.queue());
        if (queue == null || request.commitOffset() < 0 || request.commitOffset() > queue.maxOffset()) return;
        try {
            offsets.commit(read.group().name(), read.queue(), request.commitOffset());
        } catch (StoreException noRoom) {
            // The client is not asking for the commit's outcome; without it the group reads some messages again.
            // Said the first time, then at 2, 4, 8, …: every pull of every new group fails alike.
            if (Long.bitCount(++failedCommits) == 1) {
                LOG.warn(
                        "offset not stored group={} queue={} times={} reason={}",
                        request.group(),
                        read.queue(),
                        failedCommits,
                        noRoom.getMessage());
            }
        }
    }

    private void read(
            PullRequest request, PullCheck.Read read, @Nullable ClientChannel channel, PullListener listener) {
        long holdMillis = channel == null ? 0 : rules.holdMillis(request);
        while (true) {
            reader.read(
                    read.queue(),
                    request.offset(),
                    read.maxMessages(),
                    read.maxBytes(),
                    MOST_UNITS,
                    read.filter(),
                    result);
            PullAnswer answer = PullAnswers.of(result, request.offset());
            if (answer.mayPark() && holdMillis > 0 && channel != null) {
                LoopPulls.Parking parking = waiting.park(
                        new ParkedPull(request, listener),
                        read.queue(),
                        request.offset(),
                        read.filter(),
                        holdMillis,
                        channel);
                if (parking == LoopPulls.Parking.WAITS) return;
                if (parking == LoopPulls.Parking.GREW) continue; // At most until the queue stands still for one read.
            }
            listener.answered(answer, result, read.topicSysFlag(), read.group().sysFlag());
            return;
        }
    }
}
