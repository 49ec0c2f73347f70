package io.vostok.service;

import io.vostok.broker.offset.OffsetRules;
import io.vostok.broker.offset.PendingResets;
import io.vostok.broker.offset.QueueBounds;
import io.vostok.broker.pop.PopCheck;
import io.vostok.broker.pop.PopReceipt;
import io.vostok.broker.pop.PopRequest;
import io.vostok.broker.pop.PopRules;
import io.vostok.broker.pop.PopTopics;
import io.vostok.model.GroupName;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.QueueReader;
import io.vostok.store.ReadResult;
import io.vostok.store.ReadStatus;
import io.vostok.store.Watermarks;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.store.pop.InFlight;
import io.vostok.store.pop.PopCheckpoint;
import io.vostok.store.pop.PopOrder;
import io.vostok.store.pop.PopQueue;
import io.vostok.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Looks through the queues of a topic, and of its retry topics, for a pop, and gives out what it finds (storage reference 13.3).
 * The pop owner's event loop.
 */
final class PopReader {
    /** Queue entries one pop looks at, so that a filter that matches nothing cannot hold the event loop. */
    private static final int MOST_UNITS = 800;

    /** A pop looks at the retry topic first this often, of a hundred times. */
    private static final int RETRY_FIRST = 20;

    /** A checkpoint starts where the pop did, unless that is further away. */
    private static final long FAR = 10_000;

    private final InFlight inFlight;
    private final PopLog log;
    private final PopRules rules;
    private final OffsetRules offsetRules;
    private final PendingResets resets;
    private final Tables tables;
    private final QueueReader reader;
    private final ConsumeQueues queues;
    private final ConsumerOffsets offsets;
    private final Watermarks marks;
    private final Clock clock;
    private final RandomGenerator random;
    private final String brokerName;
    private final ReadResult result = new ReadResult();

    PopReader(
            InFlight inFlight,
            PopLog log,
            PopRules rules,
            OffsetRules offsetRules,
            PendingResets resets,
            Tables tables,
            QueueReader reader,
            ConsumeQueues queues,
            ConsumerOffsets offsets,
            Watermarks marks,
            Clock clock,
            RandomGenerator random,
            String brokerName) {
        this.inFlight = inFlight;
        this.log = log;
        this.rules = rules;
        this.offsetRules = offsetRules;
        this.resets = resets;
        this.tables = tables;
        this.reader = reader;
        this.queues = queues;
        this.offsets = offsets;
        this.marks = marks;
        this.clock = clock;
        this.random = random;
        this.brokerName = brokerName;
    }

    /**
     * What one look found.
     *
     * @param popped null when nothing
     * @param any whether there is something to pop, for those who only want to be told
     * @param unfinished whether there is more to look at: the client should ask again at once
     * @param limited whether something was left because the group, or all groups, hold too much
     */
    record Look(@Nullable Popped popped, boolean any, boolean unfinished, boolean limited) {}

    /** Looks once. */
    Look look(PopRequest request, PopCheck.Read read) {
        return new Round(request, read).run();
    }

    private final class Round {
        private final PopRequest request;
        private final PopCheck.Read read;
        private final GroupName group;
        private final long popMillis = clock.wallMillis();
        private final long nowNanos = clock.monotonicNanos();
        private final List<Popped.Part> parts = new ArrayList<>();
        private int left;
        private int bytesLeft = rules.maxBytes();
        private int unitsLeft = MOST_UNITS;
        private long rest;
        private boolean any;
        private boolean unfinished;
        private boolean limited;

        Round(PopRequest request, PopCheck.Read read) {
            this.request = request;
            this.read = read;
            this.group = read.group().name();
            this.left = read.maxMessages();
        }

        Look run() {
            TopicName topic = read.topic().name();
            int count = read.topic().readQueues();
            int start = random.nextInt(100);
            boolean byPriority = PopRules.byPriority(read.topic(), read.group(), request.order(), start);
            boolean retryFirst = !request.order() && !byPriority && start < RETRY_FIRST;
            if (retryFirst) retryTopics(topic);
            if (request.queueId() != PopRequest.ANY_QUEUE) {
                visit(new QueueId(topic, request.queueId()), PopTopics.NORMAL);
            } else {
                for (int i = 0; i < count; i++) {
                    int queue = byPriority ? rules.queueByPriority(i, count) : (start + i) % count;
                    visit(new QueueId(topic, queue), PopTopics.NORMAL);
                }
            }
            if (!request.order() && !retryFirst) retryTopics(topic);
            if (parts.isEmpty()) return new Look(null, any, unfinished, limited);
            int reviveQueue = request.order() ? PopReceipt.ORDERLY : reviveQueue();
            return new Look(
                    new Popped(topic, brokerName, popMillis, request.invisibleMillis(), reviveQueue, rest, parts),
                    true,
                    unfinished,
                    limited);
        }

        private int reviveQueue() {
            @Nullable PopQueue state = inFlight.find(group, parts.get(0).queue());
            return state == null ? 0 : state.reviveQueue();
        }

        private void retryTopics(TopicName topic) {
            @Nullable TopicName first = PopTopics.retryV1(group, topic);
            @Nullable TopicName second = PopTopics.retryV2(group, topic);
            if (first != null) retryTopic(first, PopTopics.RETRY_V1);
            if (second != null) retryTopic(second, PopTopics.RETRY_V2);
        }

        private void retryTopic(TopicName topic, int retry) {
            if (tables.topics().find(topic.value()) != null) visit(new QueueId(topic, 0), retry);
        }

        private void visit(QueueId queue, int retry) {
            @Nullable ConsumeQueue units = queues.find(queue);
            @Nullable PopQueue state = inFlight.find(group, queue);
            long position = position(queue, units, state, retry);
            if (units == null) return;
            long waiting = Math.max(0, units.maxOffset() - position);
            boolean blocked = request.order() && blocked(state);
            if (waiting == 0 && position <= units.maxOffset() && !holdsOrder(state)) return;
            if (request.kind() == PopRequest.Kind.NOTIFY) {
                any |= !blocked && waiting > 0;
                return;
            }
            if (left <= 0 || bytesLeft <= 0 || blocked) {
                rest += waiting;
                return;
            }
            if (request.kind() == PopRequest.Kind.PEEK) {
                peek(queue, retry, position);
            } else if (request.order()) {
                popInOrder(queue, position);
            } else {
                pop(queue, retry, position, waiting);
            }
        }

        private boolean holdsOrder(@Nullable PopQueue state) {
            if (!request.order() || state == null) return false;
            @Nullable PopOrder order = state.order();
            return order != null && !order.finished();
        }

        private boolean blocked(@Nullable PopQueue state) {
            @Nullable PopOrder order = state == null ? null : state.order();
            return order != null && order.blocks(request.attemptId(), nowNanos);
        }

        /** Returns where the group stands; a group that comes for the first time gets its place. */
        private long position(QueueId queue, @Nullable ConsumeQueue units, @Nullable PopQueue state, int retry) {
            long stored = offsets.find(group, queue);
            if (stored < 0) {
                stored = PopRules.initialOffset(
                        request.fromLast() && retry == PopTopics.NORMAL, young(units), bounds(units));
                if (request.kind() == PopRequest.Kind.POP) offsets.commit(group, queue, stored);
            }
            if (request.kind() == PopRequest.Kind.POP) {
                long target = resets.take(group, queue);
                if (target != PendingResets.NONE) {
                    // Once more: what was durable meanwhile may have been committed over it.
                    if (target != stored) offsets.commit(group, queue, target);
                    if (state != null) inFlight.reset(state, target);
                    return target;
                }
            }
            if (state == null) return stored;
            if (stored != state.committed() && request.kind() == PopRequest.Kind.POP) inFlight.reset(state, stored);
            return state.position();
        }

        private boolean young(@Nullable ConsumeQueue units) {
            return offsetRules
                            .query(OffsetRules.NOT_STORED, true, bounds(units), marks.appended())
                            .refused()
                    == null;
        }

        private QueueBounds bounds(@Nullable ConsumeQueue units) {
            if (units == null) return QueueBounds.EMPTY;
            long min = units.minOffset();
            long max = units.maxOffset();
            return new QueueBounds(min, max, min < max ? units.position(min) : -1);
        }

        /**
         * Reads from {@code from} until something is found, nothing is left or enough was looked at.
         *
         * @return where the last read began; what it found is in {@code result}
         */
        private long scan(QueueId queue, long from, int most) {
            long position = from;
            while (true) {
                reader.read(
                        queue, position, most, Math.max(1, bytesLeft), Math.max(1, unitsLeft), read.filter(), result);
                long next = result.nextOffset();
                unitsLeft -= (int) Math.max(1, Math.min(MOST_UNITS, next - position));
                if (result.status() == ReadStatus.FOUND) return position;
                if (result.status() == ReadStatus.AT_END || result.status() == ReadStatus.EMPTY || next == position) {
                    return position;
                }
                position = next;
                if (unitsLeft <= 0) {
                    unfinished |= next < result.maxOffset();
                    return position;
                }
            }
        }

        private void pop(QueueId queue, int retry, long from, long waiting) {
            @Nullable PopQueue known = inFlight.find(group, queue);
            int room = inFlight.room(known);
            if (room == 0) {
                limited = true;
                rest += waiting;
                return;
            }
            if (inFlight.taken(known, from, popMillis)) {
                unfinished = true; // Somebody set the offset back within this very millisecond.
                return;
            }
            long position = scan(queue, from, Math.min(left, room));
            if (position == from && result.status() != ReadStatus.FOUND) return;
            PopQueue state = inFlight.at(group, queue, from);
            if (result.status() != ReadStatus.FOUND) {
                inFlight.passTo(state, position);
                return;
            }
            long[] found = offsets(result.count());
            if (position != from) inFlight.passTo(state, position);
            if (found[0] - position > FAR) inFlight.passTo(state, found[0]);
            PopCheckpoint checkpoint =
                    inFlight.handOut(state, found, result.nextOffset(), popMillis, request.invisibleMillis(), nowNanos);
            log.write(checkpoint);
            add(retry, queue, checkpoint.startOffset(), found, null);
            rest += Math.max(0, result.maxOffset() - result.nextOffset());
        }

        private void peek(QueueId queue, int retry, long from) {
            long position = scan(queue, from, left);
            if (result.status() != ReadStatus.FOUND) return;
            add(retry, queue, position, offsets(result.count()), null);
            rest += Math.max(0, result.maxOffset() - result.nextOffset());
        }

        private void popInOrder(QueueId queue, long from) {
            PopQueue state = inFlight.at(group, queue, from);
            @Nullable PopOrder held = state.order();
            if (held != null && !held.finished()) {
                again(queue, held);
                if (!held.finished()) return;
            }
            int room = inFlight.room(state);
            if (room == 0) {
                limited = true;
                return;
            }
            long position = scan(queue, state.position(), Math.min(left, room));
            if (result.status() != ReadStatus.FOUND) {
                if (position != state.position()) inFlight.passTo(state, position);
                return;
            }
            PopOrder order = inFlight.orderOf(state);
            giveOut(queue, order, offsets(result.count()));
        }

        /** Gives out the batch that was not acked in time. */
        private void again(QueueId queue, PopOrder order) {
            long from = order.next();
            int units = (int) Math.min(MOST_UNITS, order.last() + 1 - from);
            reader.read(queue, from, units, Math.max(1, bytesLeft), units, read.filter(), result);
            boolean found = result.status() == ReadStatus.FOUND;
            long[] held = new long[result.count()];
            int count = 0;
            int kept = 0;
            long looked = Math.min(result.nextOffset(), order.last() + 1);
            long offset = from;
            for (int i = 0; found && i < result.count() && count < left; i++) {
                for (; offset < result.offset(i); offset++) gone(order, offset);
                offset = result.offset(i) + 1;
                kept = i + 1;
                if (order.holds(result.offset(i))) held[count++] = result.offset(i);
            }
            boolean all = kept == result.count();
            for (; all && offset < looked; offset++) gone(order, offset);
            if (count == 0) {
                log.write(order);
                return;
            }
            giveOut(queue, order, java.util.Arrays.copyOf(held, count));
        }

        private void gone(PopOrder order, long offset) {
            if (order.holds(offset)) inFlight.gone(order, offset);
        }

        private void giveOut(QueueId queue, PopOrder order, long[] given) {
            inFlight.handOut(order, given, popMillis, request.invisibleMillis(), request.attemptId(), nowNanos);
            log.write(order);
            int[] attempts = new int[given.length];
            for (int i = 0; i < given.length; i++) attempts[i] = order.attempts(given[i]);
            add(PopTopics.NORMAL, queue, given[0], given, attempts);
            rest += Math.max(0, result.maxOffset() - (given[given.length - 1] + 1));
        }

        private long[] offsets(int count) {
            long[] found = new long[count];
            for (int i = 0; i < count; i++) found[i] = result.offset(i);
            return found;
        }

        /** Adds what {@code result} found of these offsets. */
        private void add(int retry, QueueId queue, long startOffset, long[] given, int @Nullable [] attempts) {
            long[] positions = new long[given.length];
            int[] sizes = new int[given.length];
            int at = 0;
            for (int i = 0; i < result.count() && at < given.length; i++) {
                if (result.offset(i) != given[at]) continue;
                positions[at] = result.position(i);
                sizes[at] = result.sizeBytes(i);
                bytesLeft -= result.sizeBytes(i);
                at++;
            }
            left -= given.length;
            any = true;
            parts.add(new Popped.Part(retry, queue, startOffset, given, positions, sizes, attempts));
        }
    }
}
