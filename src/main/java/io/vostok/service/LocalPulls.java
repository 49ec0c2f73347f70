package io.vostok.service;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.flow.RateLimits;
import io.vostok.broker.offset.PendingResets;
import io.vostok.broker.pull.PullAnswer;
import io.vostok.broker.pull.PullAnswers;
import io.vostok.broker.pull.PullCheck;
import io.vostok.broker.pull.PullRequest;
import io.vostok.broker.pull.PullRules;
import io.vostok.broker.session.ClientChannel;
import io.vostok.metrics.Tally;
import io.vostok.metrics.Traffic;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.QueueReader;
import io.vostok.store.ReadResult;
import io.vostok.store.ReadStatus;
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
    private final RateLimits rates;
    private final PendingResets resets;
    private final Tally gets;
    private final Tally found;
    private final Tally missed;
    private final ReadResult result = new ReadResult();
    private long failedCommits;

    LocalPulls(
            PullRules rules,
            Tables tables,
            Registry registry,
            QueueReader reader,
            ConsumeQueues queues,
            ConsumerOffsets offsets,
            LoopPulls waiting,
            RateLimits rates,
            PendingResets resets,
            Traffic traffic) {
        this.rules = rules;
        this.tables = tables;
        this.registry = registry;
        this.reader = reader;
        this.queues = queues;
        this.offsets = offsets;
        this.waiting = waiting;
        this.rates = rates;
        this.resets = resets;
        this.gets = traffic.gets().tally();
        this.found = traffic.found().tally();
        this.missed = traffic.missed().tally();
        waiting.whenWoken(
                (pull, mayWaitOn) -> guarded(pull.request(), pull.listener(), () -> pullAgain(pull, mayWaitOn)));
    }

    void pull(PullRequest request, ClientChannel channel, PullListener listener) {
        pull(request, channel, listener, false);
    }

    /** Pulls outside of the request's own turn, where nobody else would answer after a failure. */
    private static void guarded(PullRequest request, PullListener listener, Runnable pull) {
        try {
            pull.run();
        } catch (RuntimeException bug) {
            LOG.error("pull failed group={} topic={}", request.group(), request.topic(), bug);
            listener.refused(LocalSends.refusalOf(bug));
        }
    }

    private void pull(PullRequest request, ClientChannel channel, PullListener listener, boolean groupWasCreated) {
        PullCheck check = rules.check(request, tables.topics(), tables.groups(), tables.subscriptions());
        if (check instanceof PullCheck.Read read) {
            if (request.commits()) commit(request, read);
            @Nullable Refused tooFast = rates.check(request.group());
            if (tooFast != null) {
                listener.refused(tooFast);
                return;
            }
            if (sentElsewhere(request, read, listener)) return;
            read(request, read, channel, listener);
        } else if (check instanceof PullCheck.No no) {
            listener.refused(no.refused());
        } else if (check instanceof PullCheck.CreateGroup create) {
            if (groupWasCreated) {
                listener.refused(deletedMeanwhile(request));
                return;
            }
            registry.create(List.of(), List.of(create.group())).onComplete(done -> {
                if (done.failed()) {
                    listener.refused(LocalSends.refusalOf(done.cause()));
                } else {
                    guarded(request, listener, () -> pull(request, channel, listener, true));
                }
            });
        }
    }

    /** What lies outside the queue is not stored; the client hears of it by the answer to this very pull. */
    private void commit(PullRequest request, PullCheck.Read read) {
        @Nullable ConsumeQueue queue = queues.find(read.queue());
        if (queue == null || request.commitOffset() < 0 || request.commitOffset() > queue.maxOffset()) return;
        if (resets.target(read.group().name(), read.queue()) != PendingResets.NONE) return;
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

    /**
     * Sends a group to where an administrator has set it: the first pull of each queue hears of it, unless it asks for just
     * that offset.
     */
    private boolean sentElsewhere(PullRequest request, PullCheck.Read read, PullListener listener) {
        long target = resets.take(read.group().name(), read.queue());
        if (target == PendingResets.NONE || target == request.offset()) return false;
        scan(read, target);
        answer(new PullAnswer(PullAnswer.Outcome.OFFSET_MOVED, target, false), read, listener);
        return true;
    }

    private void answer(PullAnswer answer, PullCheck.Read read, PullListener listener) {
        if (answer.outcome() != PullAnswer.Outcome.FOUND) {
            missed.add(1, 0);
        } else {
            found.add(1, 0);
            rates.charge(read.group().name().value(), result.count());
            gets.add(read.queue().topic().value(), read.group().name().value(), result.count(), result.totalBytes());
        }
        listener.answered(answer, result, read.topicSysFlag(), read.group().sysFlag());
    }

    private void read(PullRequest request, PullCheck.Read read, ClientChannel channel, PullListener listener) {
        long holdMillis = rules.holdMillis(request);
        while (true) {
            PullAnswer answer = scan(read, request.offset());
            if (answer.mayPark() && holdMillis > 0) {
                ParkedPull pull =
                        new ParkedPull(request, listener, channel, request.offset(), waiting.deadlineNanos(holdMillis));
                LoopPulls.Parking parking = waiting.park(pull, read.queue(), read.filter());
                if (parking == LoopPulls.Parking.WAITS) {
                    listener.held();
                    return;
                }
                if (parking == LoopPulls.Parking.GREW) continue; // At most until the queue stands still for one read.
            }
            answer(answer, read, listener);
            return;
        }
    }

    /**
     * Runs a pull that has waited.
     *
     * <p>A filter on properties cannot say from an arrival's tags code whether the message is wanted, so its pulls wake for
     * every arrival. One that is woken in vain waits on, from where it has looked to, until its own deadline: its client
     * would only come back at once, a round trip for each message that it does not want.
     */
    private void pullAgain(ParkedPull pull, boolean mayWaitOn) {
        PullCheck check = rules.check(pull.request(), tables.topics(), tables.groups(), tables.subscriptions());
        if (check instanceof PullCheck.No no) {
            pull.listener().refused(no.refused());
        } else if (check instanceof PullCheck.CreateGroup) {
            pull.listener().refused(deletedMeanwhile(pull.request()));
        } else if (check instanceof PullCheck.Read read) {
            @Nullable Refused tooFast = rates.check(pull.request().group());
            if (tooFast != null) {
                pull.listener().refused(tooFast);
            } else if (!sentElsewhere(pull.request(), read, pull.listener())) {
                readAgain(pull, read, mayWaitOn);
            }
        }
    }

    private void readAgain(ParkedPull woken, PullCheck.Read read, boolean mayWaitOn) {
        ParkedPull pull = woken;
        while (true) {
            PullAnswer answer = scan(read, pull.scannedTo());
            boolean inVain = result.status() == ReadStatus.NONE_MATCHED
                    && result.nextOffset() >= result.maxOffset()
                    && result.nextOffset() - woken.scannedTo() <= MOST_UNITS;
            if (mayWaitOn && inVain) {
                pull = new ParkedPull(
                        pull.request(), pull.listener(), pull.channel(), result.nextOffset(), pull.deadlineNanos());
                LoopPulls.Parking parking = waiting.park(pull, read.queue(), read.filter());
                if (parking == LoopPulls.Parking.WAITS) return;
                if (parking == LoopPulls.Parking.GREW) continue; // Ends: each turn looks at some of MOST_UNITS.
            }
            if (answer.outcome() == PullAnswer.Outcome.NOT_FOUND
                    && pull.scannedTo() > pull.request().offset()) {
                // It has looked at messages that are not wanted: the client must not come back for them.
                answer = new PullAnswer(PullAnswer.Outcome.RETRY_IMMEDIATELY, answer.nextBeginOffset(), false);
            }
            answer(answer, read, pull.listener());
            return;
        }
    }

    private PullAnswer scan(PullCheck.Read read, long offset) {
        reader.read(read.queue(), offset, read.maxMessages(), read.maxBytes(), MOST_UNITS, read.filter(), result);
        return PullAnswers.of(result, offset);
    }

    private static Refused deletedMeanwhile(PullRequest request) {
        return new Refused(Refusal.GROUP_NOT_FOUND, "consumer group `" + request.group() + "` was deleted meanwhile");
    }
}
