package io.vostok.service;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vostok.broker.HoldDeadline;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.flow.RateLimits;
import io.vostok.broker.offset.PendingResets;
import io.vostok.broker.offset.QueueBounds;
import io.vostok.broker.pop.PopCheck;
import io.vostok.broker.pop.PopReceipt;
import io.vostok.broker.pop.PopRequest;
import io.vostok.broker.pop.PopRules;
import io.vostok.broker.pop.PopTopics;
import io.vostok.broker.pop.WaitingPops;
import io.vostok.broker.session.ClientChannel;
import io.vostok.metrics.Tally;
import io.vostok.metrics.Traffic;
import io.vostok.model.GroupName;
import io.vostok.model.QueueId;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.StoreException;
import io.vostok.store.Watermarks;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.store.meta.DeletedTopics;
import io.vostok.store.pop.InFlight;
import io.vostok.store.pop.PopCheckpoint;
import io.vostok.store.pop.PopOrder;
import io.vostok.store.pop.PopQueue;
import io.vostok.store.pop.PopReplay;
import io.vostok.store.pop.ReviveEntry;
import io.vostok.time.Clock;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one owner of what is popped: asks the rules, reads the queues, lets an empty pop wait, takes acks, and brings back what nobody
 * acked. Driven by PopVerticle, on its event loop; everything here happens there.
 *
 * <p>A pop is answered before its checkpoint is in the log; decision 0014 tells why a crash then repeats messages and loses none.
 */
public final class Pops implements PopOwner {
    private static final Logger LOG = LoggerFactory.getLogger(Pops.class);

    /** With groups at their limits, a pop is tried again this long after room was made, not at each ack. */
    private static final long LIMITED_NANOS = 50_000_000;

    /** Bounds one turn on the event loop. */
    private static final int MOST_DUE_PER_TURN = 256;

    /** A pop that waits. */
    private record Parked(PopRequest request, PopListener listener) {}

    private final PopRules rules;
    private final Tables tables;
    private final Registry registry;
    private final ConsumeQueues queues;
    private final ConsumerOffsets offsets;
    private final PendingResets resets;
    private final Watermarks marks;
    private final InFlight inFlight;
    private final PopLog log;
    private final PopReader reader;
    private final PopRevival revival;
    private final RateLimits rates;
    private final Tally gets;
    private final Tally found;
    private final Tally missed;
    private final WaitingPops<Parked> waiting;
    /** Messages that are held for a new time, until the log has that and that the old one is void. */
    private final IdentityHashMap<PopCheckpoint, Promise<Void>> replacing = new IdentityHashMap<>();

    private final DeletedTopics deletedTopics;
    private final PopReplay late;
    private final long lateUntilMillis;
    private final Clock clock;
    private final Runnable changed;
    /** Read by the dispatching thread: whether a bell is worth ringing. */
    private volatile boolean someWait;

    /** Read by the housekeeping thread. */
    private volatile boolean someHeld = true;

    private long wayTo;
    private long waySerial;
    private boolean limited;
    private boolean roomMade;
    private long limitedUntilNanos;
    private boolean settleFailing;
    /** Gives out nothing more. */
    private boolean stopped;

    /** Writes nothing more. */
    private boolean closed;

    /**
     * @param late reads records of the revive topic that another broker's timer held
     * @param lateUntilMillis wall time until which such records may come
     * @param changed runs when {@link #nextNanos} may have changed
     */
    Pops(
            PopRules rules,
            Tables tables,
            Registry registry,
            ConsumeQueues queues,
            ConsumerOffsets offsets,
            PendingResets resets,
            Watermarks marks,
            InFlight inFlight,
            PopLog log,
            PopReader reader,
            PopRevival revival,
            RateLimits rates,
            Traffic traffic,
            WaitingPopsLimits limits,
            DeletedTopics deletedTopics,
            PopReplay late,
            long lateUntilMillis,
            Clock clock,
            Runnable changed) {
        this.rules = rules;
        this.tables = tables;
        this.registry = registry;
        this.queues = queues;
        this.offsets = offsets;
        this.resets = resets;
        this.marks = marks;
        this.inFlight = inFlight;
        this.log = log;
        this.reader = reader;
        this.revival = revival;
        this.rates = rates;
        this.gets = traffic.gets().tally();
        this.found = traffic.found().tally();
        this.missed = traffic.missed().tally();
        this.waiting = new WaitingPops<>(limits.most(), limits.mostPerQueue());
        this.deletedTopics = deletedTopics;
        this.late = late;
        this.lateUntilMillis = lateUntilMillis;
        this.clock = clock;
        this.changed = changed;
    }

    /** How many pops may wait: in all, and for one queue of one topic in one group. */
    public record WaitingPopsLimits(int most, int mostPerQueue) {}

    @Override
    public void pop(PopRequest request, ClientChannel channel, PopListener listener) {
        pop(request, channel, listener, false);
    }

    private void pop(PopRequest request, ClientChannel channel, PopListener listener, boolean groupWasCreated) {
        if (stopped) {
            listener.answered(new PopOutcome.Refuse(stopping()));
            return;
        }
        try {
            PopCheck check = check(request);
            if (check instanceof PopCheck.Read read) {
                @Nullable Refused tooFast = tooFast(request);
                if (tooFast != null) listener.answered(new PopOutcome.Refuse(tooFast));
                else read(request, read, channel, listener);
            } else if (check instanceof PopCheck.No no) {
                listener.answered(new PopOutcome.Refuse(no.refused()));
            } else if (check instanceof PopCheck.Late) {
                listener.answered(new PopOutcome.Nothing(false));
            } else if (groupWasCreated) {
                listener.answered(new PopOutcome.Refuse(new Refused(
                        Refusal.GROUP_NOT_FOUND, "consumer group `" + request.group() + "` was deleted meanwhile")));
            } else if (check instanceof PopCheck.CreateGroup create) {
                registry.create(List.of(), List.of(create.group())).onComplete(done -> {
                    if (done.succeeded()) pop(request, channel, listener, true);
                    else listener.answered(new PopOutcome.Refuse(LocalSends.refusalOf(done.cause())));
                });
            }
        } catch (RuntimeException failure) {
            if (!(failure instanceof StoreException)) {
                LOG.error("pop failed group={} topic={}", request.group(), request.topic(), failure);
            }
            listener.answered(new PopOutcome.Refuse(LocalSends.refusalOf(failure)));
        }
    }

    private @Nullable Refused tooFast(PopRequest request) {
        return request.kind() == PopRequest.Kind.NOTIFY ? null : rates.check(request.group());
    }

    private PopCheck check(PopRequest request) {
        return rules.check(request, tables.topics(), tables.groups(), tables.subscriptions(), clock.wallMillis());
    }

    private void read(PopRequest request, PopCheck.Read read, ClientChannel channel, PopListener listener) {
        // Before the look: dispatch publishes a queue's end before it asks whether anybody waits, so one of the two
        // sees
        // the other.
        someWait = true;
        PopReader.Look look = reader.look(request, read);
        @Nullable PopOutcome outcome = outcome(request, look);
        if (outcome == null && (look.unfinished() || read.holdMillis() == 0)) {
            outcome = new PopOutcome.Nothing(false);
        }
        if (outcome == null) {
            boolean waits = waiting.park(
                    new Parked(request, listener),
                    read.topic().name(),
                    read.group().name(),
                    request.queueId(),
                    HoldDeadline.of(clock.monotonicNanos(), read.holdMillis()),
                    channel);
            if (!waits) outcome = new PopOutcome.Nothing(true);
        }
        someWait = waiting.size() > 0;
        changed.run();
        if (outcome == null) {
            listener.held();
            return;
        }
        if (outcome instanceof PopOutcome.Nothing) missed.add(1, 0);
        listener.answered(outcome);
    }

    private @Nullable PopOutcome outcome(PopRequest request, PopReader.Look look) {
        limited |= look.limited();
        if (request.kind() == PopRequest.Kind.NOTIFY) return look.any() ? new PopOutcome.Notified() : null;
        @Nullable Popped popped = look.popped();
        if (popped == null) return null;
        found.add(1, 0);
        rates.charge(request.group(), popped.count());
        gets.add(popped.topic().value(), request.group(), popped.count(), popped.totalBytes());
        return new PopOutcome.Found(popped);
    }

    /** Tells whether anybody waits for messages. Any thread. */
    public boolean someWait() {
        return someWait;
    }

    /** Tells whether records may have arrived that an Apache broker's timer held of the revive topic. Any thread. */
    public boolean expects(ArrivalBatch arrivals) {
        return clock.wallMillis() < lateUntilMillis && arrivals.touches(inFlight.reviveTopic());
    }

    private void takeLate(ArrivalBatch arrivals) {
        for (int i = 0; i < arrivals.size(); i++) {
            if (!arrivals.queue(i).topic().equals(inFlight.reviveTopic())) continue;
            late.late(
                    arrivals.queue(i).index(), arrivals.nextOffset(i) - 1, clock.wallMillis(), clock.monotonicNanos());
        }
    }

    /** Serves the pops that the arrivals concern. */
    public void arrived(ArrivalBatch arrivals) {
        if (expects(arrivals)) takeLate(arrivals);
        Set<WaitingPops.Line<Parked>> lines = new LinkedHashSet<>();
        for (int i = 0; i < arrivals.size(); i++) {
            lines.addAll(waiting.lines(arrivals.queue(i).topic()));
        }
        lines.forEach(this::serve);
        changed.run();
    }

    /** Serves those who wait in a line, the first first, until there is nothing more for any queue. */
    private void serve(WaitingPops.Line<Parked> line) {
        Set<Integer> empty = new LinkedHashSet<>();
        for (WaitingPops.Waiter<Parked> waiter : line.waiters()) {
            if (!waiter.waits() || empty.contains(waiter.queueId())) continue;
            if (serve(waiter)) continue;
            if (waiter.queueId() == PopRequest.ANY_QUEUE) break;
            empty.add(waiter.queueId());
        }
        someWait = waiting.size() > 0;
    }

    /** Returns false when there was nothing for it and it waits on. */
    private boolean serve(WaitingPops.Waiter<Parked> waiter) {
        PopRequest request = waiter.pop().request();
        @Nullable PopOutcome outcome;
        try {
            PopCheck check = check(request);
            @Nullable Refused tooFast = check instanceof PopCheck.Read ? tooFast(request) : null;
            if (tooFast != null) {
                outcome = new PopOutcome.Refuse(tooFast);
            } else if (check instanceof PopCheck.Read read) {
                PopReader.Look look = reader.look(request, read);
                outcome = outcome(request, look);
                if (outcome == null && look.unfinished()) outcome = new PopOutcome.Nothing(false);
            } else if (check instanceof PopCheck.No no) {
                outcome = new PopOutcome.Refuse(no.refused());
            } else {
                outcome = new PopOutcome.Nothing(false);
            }
        } catch (RuntimeException failure) {
            if (!(failure instanceof StoreException)) {
                LOG.error("pop failed group={} topic={}", request.group(), request.topic(), failure);
            }
            outcome = new PopOutcome.Refuse(LocalSends.refusalOf(failure));
        }
        if (outcome == null) return false;
        waiting.remove(waiter);
        waiter.pop().listener().answered(outcome);
        return true;
    }

    private void serve(GroupName group, TopicName stored) {
        String original = PopTopics.original(stored.value(), group);
        if (TopicName.problem(original) != null) return;
        WaitingPops.@Nullable Line<Parked> line = waiting.line(new TopicName(original), group);
        if (line != null) serve(line);
    }

    @Override
    public void moved(String group, String topic) {
        if (GroupName.problem(group) == null && TopicName.problem(topic) == null) {
            WaitingPops.@Nullable Line<Parked> line = waiting.line(new TopicName(topic), new GroupName(group));
            if (line != null) serve(line);
        }
        changed.run();
    }

    @Override
    public void deleted(TopicName topic) {
        if (closed) return;
        boolean madeAgain = tables.topics().find(topic.value()) != null;
        long before = deletedTopics.before(topic);
        // Again: what was settled in the very moment of the deletion may have come behind it.
        if (!madeAgain) offsets.removeTopic(topic);
        for (PopQueue queue : inFlight.ofTopic(topic)) {
            for (PopCheckpoint checkpoint : queue.checkpoints()) {
                if (madeAgain && !checkpoint.storedBefore(before)) continue;
                for (int i = 0; i < checkpoint.size(); i++) {
                    if (inFlight.ack(checkpoint, i)) log.ack(checkpoint, i, null);
                }
            }
            inFlight.reset(queue, Math.max(0, offsets.find(queue.group(), queue.queue())));
        }
        List.copyOf(waiting.lines(topic)).forEach(this::serve);
        roomMade = true;
        changed.run();
    }

    /**
     * Brings back, before its time, what is held of the log before {@code endPosition}, which is to be deleted. A batch in order
     * is not copied: it goes as messages go that nobody consumed.
     *
     * @return whether it may be deleted now: nothing is held of it that was when this was asked first, or the log takes no copies
     */
    public boolean makeWay(long endPosition) {
        if (endPosition > wayTo) {
            wayTo = endPosition;
            waySerial = inFlight.lastSerial();
        }
        boolean free = true;
        for (PopCheckpoint checkpoint : inFlight.checkpoints()) {
            if (!checkpoint.heldAt(waySerial) || !holdsBefore(checkpoint, endPosition)) continue;
            free = false;
            revival.expired(checkpoint);
        }
        changed.run();
        return free || revival.refused();
    }

    private boolean holdsBefore(PopCheckpoint checkpoint, long endPosition) {
        @Nullable ConsumeQueue units = queues.find(checkpoint.queue().queue());
        if (units == null) return false;
        for (int i = 0; i < checkpoint.size(); i++) {
            if (checkpoint.isAcked(i)) continue;
            long position = units.position(checkpoint.offset(i));
            return position >= 0 && position < endPosition; // Later messages of a queue are later in the log.
        }
        return false;
    }

    /** Tells whether anything is held. Any thread. */
    public boolean someHeld() {
        return someHeld;
    }

    @Override
    public void closed(ClientChannel channel) {
        waiting.closed(channel);
        someWait = waiting.size() > 0;
    }

    @Override
    public List<PopHeld> held() {
        return inFlight.queues().stream()
                .map(queue -> new PopHeld(queue.group(), queue.queue(), queue.position(), queue.held()))
                .toList();
    }

    @Override
    public void waiting(String group, String topic, int queueId, Promise<Integer> done) {
        @Nullable Topic known = tables.topics().find(topic);
        @Nullable Refused refused = null;
        if (known == null) {
            refused = new Refused(Refusal.TOPIC_NOT_FOUND, "topic `" + topic + "` does not exist");
        } else if (queueId >= known.readQueues() || queueId < PopRequest.ANY_QUEUE) {
            refused = new Refused(
                    Refusal.INVALID_ARGUMENT, "queue " + queueId + " of topic `" + topic + "` does not exist");
        } else if (tables.groups().find(group) == null) {
            refused = new Refused(Refusal.GROUP_NOT_FOUND, "consumer group `" + group + "` does not exist");
        }
        if (refused != null) done.fail(new Registry.RefusedException(refused));
        else done.complete(waiting.count(new TopicName(topic), new GroupName(group), queueId));
    }

    @Override
    public void ack(List<PopHandle> handles, Promise<Void> done) {
        List<Future<?>> acks = new ArrayList<>(handles.size());
        for (PopHandle handle : handles) {
            Promise<Void> one = Promise.promise();
            acks.add(one.future());
            ack(handle, one);
        }
        changed.run();
        if (acks.size() == 1) {
            acks.get(0).onComplete(answer -> {
                if (answer.succeeded()) done.tryComplete();
                else done.tryFail(answer.cause());
            });
        } else {
            Future.join(acks).<Void>mapEmpty().onComplete(done);
        }
    }

    private void ack(PopHandle handle, Promise<Void> done) {
        @Nullable Refused refused = checkHandle(handle);
        if (refused != null) {
            done.fail(new Registry.RefusedException(refused));
            return;
        }
        GroupName group = new GroupName(handle.group());
        QueueId id = new QueueId(new TopicName(handle.topic()), handle.queueId());
        @Nullable PopQueue queue = inFlight.find(group, id);
        if (handle.receipt().reviveQueue() == PopReceipt.ORDERLY) {
            ackInOrder(handle, queue, done);
            return;
        }
        @Nullable PopCheckpoint checkpoint = checkpoint(handle, queue);
        int index = checkpoint == null ? -1 : checkpoint.indexOf(handle.offset());
        if (checkpoint == null || index < 0 || !inFlight.ack(checkpoint, index)) {
            done.complete(); // Acked before, or come again since: there is nothing left to ack.
            return;
        }
        roomMade = true;
        log.ack(checkpoint, index, done);
    }

    private void ackInOrder(PopHandle handle, @Nullable PopQueue queue, Promise<Void> done) {
        @Nullable PopOrder order = queue == null ? null : queue.order();
        if (queue == null || order == null) {
            done.complete();
            return;
        }
        switch (inFlight.ack(order, handle.receipt().popMillis(), handle.offset())) {
            case OUTDATED -> done.complete();
            case UNKNOWN ->
                done.fail(new Registry.RefusedException(new Refused(
                        Refusal.MESSAGE_ILLEGAL,
                        "offset " + handle.offset() + " of " + handle.topic() + "/" + handle.queueId()
                                + " is not part of the batch that group `" + handle.group() + "` holds")));
            case DONE -> {
                roomMade = true;
                log.write(order, done);
                if (!order.blocks(null, clock.monotonicNanos()))
                    serve(queue.group(), queue.queue().topic());
            }
        }
    }

    private @Nullable PopCheckpoint checkpoint(PopHandle handle, @Nullable PopQueue queue) {
        PopReceipt receipt = handle.receipt();
        return queue == null ? null : inFlight.checkpoint(queue, receipt.startOffset(), receipt.popMillis());
    }

    private static Refused stopping() {
        return new Refused(Refusal.NOT_WRITABLE, "the broker is stopping");
    }

    private @Nullable Refused checkHandle(PopHandle handle) {
        if (closed) return stopping();
        @Nullable String badGroup = GroupName.problem(handle.group());
        if (badGroup != null) return new Refused(Refusal.INVALID_ARGUMENT, badGroup);
        @Nullable Topic topic = tables.topics().find(handle.topic());
        @Nullable
        ConsumeQueue units =
                topic == null || handle.queueId() < 0 ? null : queues.find(new QueueId(topic.name(), handle.queueId()));
        QueueBounds bounds =
                units == null ? QueueBounds.EMPTY : new QueueBounds(units.minOffset(), units.maxOffset(), -1);
        return PopRules.checkAck(handle.topic(), handle.queueId(), handle.offset(), topic, bounds);
    }

    @Override
    public void changeInvisible(PopHandle handle, long invisibleMillis, Promise<PopReceipt> done) {
        @Nullable Refused refused = checkHandle(handle);
        if (refused == null) refused = PopRules.badInvisible(invisibleMillis);
        if (refused != null) {
            done.fail(new Registry.RefusedException(refused));
            return;
        }
        QueueId id = new QueueId(new TopicName(handle.topic()), handle.queueId());
        @Nullable PopQueue queue = inFlight.find(new GroupName(handle.group()), id);
        if (handle.receipt().reviveQueue() == PopReceipt.ORDERLY) {
            changeInOrder(handle, invisibleMillis, queue, done);
            return;
        }
        @Nullable PopCheckpoint old = checkpoint(handle, queue);
        int index = old == null ? -1 : old.indexOf(handle.offset());
        if (queue == null || old == null || index < 0 || !old.isHeld(index)) {
            done.fail(new Registry.RefusedException(notHeld(handle)));
            return;
        }
        long popMillis = clock.wallMillis();
        while (inFlight.taken(queue, handle.offset(), popMillis)) popMillis++; // Each receipt names one checkpoint.
        PopCheckpoint held = inFlight.replace(old, index, popMillis, invisibleMillis, clock.monotonicNanos());
        PopReceipt before = handle.receipt();
        PopReceipt receipt = new PopReceipt(
                handle.offset(),
                popMillis,
                invisibleMillis,
                queue.reviveQueue(),
                before.retry(),
                before.brokerName(),
                handle.queueId(),
                handle.offset());
        Promise<Void> replaced = Promise.promise();
        replacing.put(held, replaced);
        replaced.future().<PopReceipt>map(receipt).onComplete(done);
        Promise<Void> written = Promise.promise();
        written.future().onFailure(replaced::tryFail); // It is held for the new time all the same, and written later.
        log.write(held, written);
        changed.run();
    }

    /** Writes that the old times are void of messages whose new ones are in the log. */
    private void voidReplaced() {
        for (@Nullable PopCheckpoint held = inFlight.nextReplacing(); held != null; held = inFlight.nextReplacing()) {
            @Nullable Promise<Void> replaced = replacing.remove(held);
            @Nullable PopCheckpoint old = held.replaced();
            if (old != null) log.ack(old, held.replacedIndex(), replaced);
            held.forgetReplaced();
        }
    }

    private void changeInOrder(
            PopHandle handle, long invisibleMillis, @Nullable PopQueue queue, Promise<PopReceipt> done) {
        @Nullable PopOrder order = queue == null ? null : queue.order();
        PopReceipt before = handle.receipt();
        long nowMillis = clock.wallMillis();
        PopOrder.Ack answer = order == null
                ? PopOrder.Ack.OUTDATED
                : inFlight.changeInvisible(
                        order, before.popMillis(), handle.offset(), invisibleMillis, clock.monotonicNanos());
        if (order == null || answer != PopOrder.Ack.DONE) {
            done.fail(new Registry.RefusedException(notHeld(handle)));
            return;
        }
        PopReceipt receipt = new PopReceipt(
                before.startOffset(),
                before.popMillis(),
                nowMillis + invisibleMillis - before.popMillis(),
                PopReceipt.ORDERLY,
                before.retry(),
                before.brokerName(),
                handle.queueId(),
                handle.offset());
        Promise<Void> written = Promise.promise();
        log.write(order, written);
        written.future().<PopReceipt>map(receipt).onComplete(done);
        changed.run();
    }

    private static Refused notHeld(PopHandle handle) {
        return new Refused(
                Refusal.NOT_IN_FLIGHT,
                "offset " + handle.offset() + " of " + handle.topic() + "/" + handle.queueId()
                        + " is not held by group `" + handle.group()
                        + "` with this receipt: it was acked, or its invisible time is over");
    }

    @Override
    public void deadLetter(PopHandle handle, Promise<Void> done) {
        @Nullable Refused refused = stopped ? stopping() : checkHandle(handle);
        if (refused != null) {
            done.fail(new Registry.RefusedException(refused));
            return;
        }
        QueueId id = new QueueId(new TopicName(handle.topic()), handle.queueId());
        @Nullable PopQueue queue = inFlight.find(new GroupName(handle.group()), id);
        if (handle.receipt().reviveQueue() == PopReceipt.ORDERLY) {
            deadLetterInOrder(handle, queue, done);
            return;
        }
        @Nullable PopCheckpoint checkpoint = checkpoint(handle, queue);
        int index = checkpoint == null ? -1 : checkpoint.indexOf(handle.offset());
        if (checkpoint == null || index < 0 || !checkpoint.isHeld(index)) {
            done.fail(new Registry.RefusedException(notHeld(handle)));
            return;
        }
        checkpoint.startReviving(index);
        revival.deadLetter(checkpoint, index, done);
        changed.run();
    }

    /** Held, in memory only, as one message on its own, so that its copy is accounted for as any other; then acked in order. */
    private void deadLetterInOrder(PopHandle handle, @Nullable PopQueue queue, Promise<Void> done) {
        @Nullable PopOrder order = queue == null ? null : queue.order();
        boolean current = order != null
                && order.holds(handle.offset())
                && order.popMillis() == handle.receipt().popMillis();
        if (queue == null || !current) {
            done.fail(new Registry.RefusedException(notHeld(handle)));
            return;
        }
        long popMillis = clock.wallMillis();
        while (inFlight.taken(queue, handle.offset(), popMillis)) popMillis++;
        PopCheckpoint held = inFlight.holdAgain(
                queue, handle.offset(), popMillis, PopOrder.LONGEST_DEAD_LETTER_MILLIS, clock.monotonicNanos());
        Promise<Void> copied = Promise.promise();
        held.startReviving(0);
        revival.deadLetter(held, 0, copied);
        copied.future().onComplete(copy -> {
            if (copy.succeeded()) {
                ackInOrder(handle, queue, done);
            } else {
                if (inFlight.ack(held, 0)) log.ack(held, 0, null);
                done.fail(copy.cause());
            }
        });
        changed.run();
    }

    @Override
    public void giveBack(String group, Popped popped) {
        if (closed) return; // It comes again when its time is over.
        GroupName name = new GroupName(group);
        long now = clock.monotonicNanos();
        for (Popped.Part part : popped.parts()) {
            @Nullable PopQueue queue = inFlight.find(name, part.queue());
            if (queue == null) continue;
            @Nullable PopOrder order = queue.order();
            if (popped.reviveQueue() == PopReceipt.ORDERLY && order != null) {
                for (long offset : part.offsets()) inFlight.changeInvisible(order, popped.popMillis(), offset, 0, now);
                log.write(order);
            } else {
                @Nullable PopCheckpoint checkpoint = inFlight.checkpoint(queue, part.startOffset(), popped.popMillis());
                if (checkpoint != null) inFlight.dueAgain(checkpoint, now);
            }
        }
        changed.run();
    }

    // Time.

    /** Does what is due. */
    public void go() {
        long now = clock.monotonicNanos();
        for (@Nullable Parked parked = waiting.nextExpired(now); parked != null; parked = waiting.nextExpired(now)) {
            missed.add(1, 0);
            parked.listener().answered(new PopOutcome.Nothing(false));
        }
        someWait = waiting.size() > 0;
        someHeld = inFlight.held() > 0;
        voidReplaced();
        if (stopped) return;
        for (int i = 0; i < MOST_DUE_PER_TURN; i++) {
            @Nullable ReviveEntry due = inFlight.nextDue(now);
            if (due == null) break;
            if (due instanceof PopCheckpoint checkpoint) revival.expired(checkpoint);
            else serve(due.queue().group(), due.queue().queue().topic());
        }
        writeUnsaved(now);
        revival.go(now);
        if (limited && roomMade && limitedUntilNanos - now <= 0) {
            limited = false;
            roomMade = false;
            limitedUntilNanos = now + LIMITED_NANOS;
            waiting.lines().forEach(this::serve);
        }
    }

    /** What the log refuses comes back, now or with its answer: the pauses grow until it takes something. */
    private void writeUnsaved(long now) {
        for (int i = 0; i < MOST_DUE_PER_TURN && !log.paused(now); i++) {
            @Nullable ReviveEntry entry = inFlight.nextUnsaved();
            if (entry == null) break;
            log.write(entry);
        }
    }

    /** Returns when {@link #go} has something to do, on the monotonic clock; null when only a call can change that. */
    public @Nullable Long nextNanos() {
        long now = clock.monotonicNanos();
        @Nullable Long next = waiting.nextDeadlineNanos();
        if (stopped) return next;
        next = earlier(next, inFlight.nextDeadlineNanos());
        next = earlier(next, revival.resumeNanos(now));
        if (inFlight.hasUnsaved()) next = earlier(next, log.paused(now) ? log.resumeNanos() : now);
        if (limited && roomMade) next = earlier(next, limitedUntilNanos);
        return next;
    }

    private static @Nullable Long earlier(@Nullable Long one, @Nullable Long other) {
        if (one == null) return other;
        if (other == null) return one;
        return one - other <= 0 ? one : other;
    }

    /** Tells whether {@link #settle} may have something to commit when more is flushed. */
    public boolean unsettled() {
        return inFlight.unsettled();
    }

    /** Commits offsets as far as what they depend on is durable. */
    public void settle() {
        try {
            inFlight.settle(marks.flushed(), offsets, resets::take);
            settleFailing = false;
        } catch (StoreException failure) {
            if (!settleFailing) LOG.warn("pop offsets not committed reason=\"{}\"", failure.getMessage());
            settleFailing = true;
        }
    }

    /** Gives out nothing more, and answers every pop that waits. */
    public void release() {
        stopped = true;
        for (WaitingPops.Line<Parked> line : waiting.lines()) {
            for (WaitingPops.Waiter<Parked> waiter : line.waiters()) {
                waiting.remove(waiter);
                waiter.pop().listener().answered(new PopOutcome.Nothing(false));
            }
        }
        someWait = false;
        revival.release(new Registry.RefusedException(stopping()));
        // Once more; of what is refused again some messages come again.
        List<ReviveEntry> unsaved = new ArrayList<>();
        for (@Nullable ReviveEntry entry = inFlight.nextUnsaved(); entry != null; entry = inFlight.nextUnsaved()) {
            unsaved.add(entry);
        }
        unsaved.forEach(log::write);
    }

    /**
     * Writes nothing more when the log has answered all. Until then acks are taken; later ones are refused, as nobody would wait
     * for their records.
     *
     * @return false when it has not; {@link #go} must be called after its answers
     */
    public boolean close() {
        closed |= stopped && underWay() == 0;
        return closed;
    }

    /** Returns how much the log has not answered, or {@link #go} has to write for what it answered. */
    public int underWay() {
        return log.underWay() + revival.underWay() + (inFlight.hasReplacing() ? 1 : 0);
    }
}
