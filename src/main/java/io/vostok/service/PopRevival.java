package io.vostok.service;

import io.vertx.core.Promise;
import io.vostok.broker.Refused;
import io.vostok.broker.pop.ReviveDecision;
import io.vostok.broker.pop.ReviveRules;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.QueueUnit;
import io.vostok.store.StoreException;
import io.vostok.store.Stored;
import io.vostok.store.pop.InFlight;
import io.vostok.store.pop.PopCheckpoint;
import io.vostok.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies messages whose invisible time is over to their retry topics, or to the dead letters. A message counts as dealt with only
 * when its copy is in the log. The pop owner's event loop.
 */
final class PopRevival {
    private static final Logger LOG = LoggerFactory.getLogger(PopRevival.class);

    /** Bounds one turn on the event loop. */
    private static final int MOST_PER_TURN = 128;

    private static final int MOST_BYTES_PER_TURN = 1 << 20;
    private static final int MOST_UNDER_WAY = 1_024;
    private static final long FIRST_PAUSE_NANOS = 100_000_000;
    private static final long LONGEST_PAUSE_NANOS = 5_000_000_000L;

    private record Task(
            PopCheckpoint checkpoint,
            int index,
            boolean dead,
            @Nullable Promise<Void> done) {}

    private final InFlight inFlight;
    private final PopLog log;
    private final ReviveRules rules;
    private final Tables tables;
    private final Registry registry;
    private final ConsumeQueues queues;
    private final MessageCopy copy;
    private final Clock clock;
    private final Runnable answered;
    private final ArrayDeque<Task> tasks = new ArrayDeque<>();
    private final Map<TopicName, List<Task>> creating = new HashMap<>();
    private final QueueUnit unit = new QueueUnit();
    private int underWay;
    private boolean failing;
    private long pauseNanos;
    private boolean paused;
    private long resumeNanos;
    private int turnBytes;

    /** @param answered runs when there may be more to do */
    PopRevival(
            InFlight inFlight,
            PopLog log,
            ReviveRules rules,
            Tables tables,
            Registry registry,
            ConsumeQueues queues,
            MessageCopy copy,
            Clock clock,
            Runnable answered) {
        this.inFlight = inFlight;
        this.log = log;
        this.rules = rules;
        this.tables = tables;
        this.registry = registry;
        this.queues = queues;
        this.copy = copy;
        this.clock = clock;
        this.answered = answered;
    }

    /** Takes a checkpoint whose time is over. */
    void expired(PopCheckpoint checkpoint) {
        for (int i = 0; i < checkpoint.size(); i++) {
            if (!checkpoint.isAcked(i) && checkpoint.startReviving(i)) tasks.add(new Task(checkpoint, i, false, null));
        }
    }

    /** Makes one message a dead letter now. */
    void deadLetter(PopCheckpoint checkpoint, int index, Promise<Void> done) {
        tasks.addFirst(new Task(checkpoint, index, true, done));
    }

    /** Begins nothing more: who waits for a dead letter that is not under way is told why. */
    void release(RuntimeException why) {
        for (Task task : tasks) {
            @Nullable Promise<Void> done = task.done();
            if (done != null) done.tryFail(why);
        }
    }

    /** Tells whether the log takes no copies at present. */
    boolean refused() {
        return paused;
    }

    /** Returns how many copies the log has not answered. */
    int underWay() {
        return underWay;
    }

    /** Returns when to call {@link #go} again, on the monotonic clock; null when only an answer can change anything. */
    @Nullable
    Long resumeNanos(long nowNanos) {
        if (tasks.isEmpty() || underWay >= MOST_UNDER_WAY) return null;
        return paused ? resumeNanos : nowNanos;
    }

    /** Does what one turn may do. */
    void go(long nowNanos) {
        if (paused && resumeNanos - nowNanos > 0) return;
        paused = false;
        turnBytes = 0;
        for (int i = 0; i < MOST_PER_TURN && turnBytes < MOST_BYTES_PER_TURN && underWay < MOST_UNDER_WAY; i++) {
            @Nullable Task task = tasks.poll();
            if (task == null || paused) {
                if (task != null) tasks.addFirst(task);
                return;
            }
            run(task);
        }
    }

    private void run(Task task) {
        PopCheckpoint checkpoint = task.checkpoint();
        if (checkpoint.isAcked(task.index())) {
            complete(task);
            return;
        }
        TopicName stored = checkpoint.queue().queue().topic();
        @Nullable
        ReviveDecision decision =
                ReviveRules.check(checkpoint.queue().group(), stored, tables.topics(), tables.groups());
        if (decision == null) decision = decide(task, stored);
        if (decision instanceof ReviveDecision.Drop drop) {
            drop(task, drop.reason());
        } else if (decision instanceof ReviveDecision.CreateTopic create) {
            create(create.topic(), task);
        } else if (decision instanceof ReviveDecision.Store store) {
            @Nullable Refused busy = copy.append(store.queue(), store.reconsumeTimes(), new Answer(task));
            if (busy != null) pause(task);
            else underWay++;
        }
    }

    private ReviveDecision decide(Task task, TopicName stored) {
        PopCheckpoint checkpoint = task.checkpoint();
        @Nullable ConsumeQueue units = queues.find(checkpoint.queue().queue());
        if (units == null || !units.read(checkpoint.offset(task.index()), unit)) {
            return new ReviveDecision.Drop("its queue no longer holds it");
        }
        try {
            turnBytes += unit.sizeBytes();
            if (!copy.read(unit.position(), unit.sizeBytes())) {
                return new ReviveDecision.Drop("the log no longer holds it");
            }
        } catch (StoreException damaged) {
            return new ReviveDecision.Drop(String.valueOf(damaged.getMessage()));
        }
        return rules.decide(
                checkpoint.queue().group(),
                stored,
                task.dead(),
                copy.record().reconsumeTimes(),
                checkpoint.popMillis(),
                copy.messageId(),
                copy.properties(),
                tables.topics(),
                tables.groups());
    }

    private void create(Topic topic, Task task) {
        @Nullable List<Task> waiting = creating.get(topic.name());
        if (waiting != null) {
            waiting.add(task);
            return;
        }
        creating.put(topic.name(), new ArrayList<>(List.of(task)));
        registry.create(List.of(topic), List.of()).onComplete(done -> {
            @Nullable List<Task> held = creating.remove(topic.name());
            if (held == null) return;
            tasks.addAll(held);
            if (done.failed()) {
                if (!failing)
                    LOG.warn("popped messages wait reason=\"{}\"", done.cause().getMessage());
                failing = true;
                pause();
            }
            answered.run();
        });
    }

    private void drop(Task task, String why) {
        LOG.warn(
                "popped message does not come again checkpoint=\"{}\" offset={} reason=\"{}\"",
                task.checkpoint(),
                task.checkpoint().offset(task.index()),
                why);
        settled(task);
    }

    private void settled(Task task) {
        if (inFlight.ack(task.checkpoint(), task.index())) log.ack(task.checkpoint(), task.index(), task.done());
        else complete(task);
    }

    private static void complete(Task task) {
        @Nullable Promise<Void> done = task.done();
        if (done != null) done.tryComplete();
    }

    private void pause(Task task) {
        tasks.addFirst(task);
        pause();
    }

    private void pause() {
        pauseNanos = pauseNanos == 0 ? FIRST_PAUSE_NANOS : Math.min(LONGEST_PAUSE_NANOS, pauseNanos * 2);
        paused = true;
        resumeNanos = clock.monotonicNanos() + pauseNanos;
    }

    private final class Answer implements AppendListener {
        private final Task task;

        Answer(Task task) {
            this.task = task;
        }

        @Override
        public void stored(Stored stored) {
            underWay--;
            failing = false;
            pauseNanos = 0;
            settled(task);
            answered.run();
        }

        @Override
        public void flushTimedOut(Stored stored) {
            // It is in the log before the record that says so: one is never durable without the other.
            stored(stored);
        }

        @Override
        public void failed(StoreException failure) {
            underWay--;
            if (failure.kind() == StoreException.Kind.TOO_LARGE) {
                // It would be tried for ever, and all others wait for it.
                @Nullable Promise<Void> done = task.done();
                if (done == null) {
                    drop(task, String.valueOf(failure.getMessage()));
                } else {
                    inFlight.notRevived(task.checkpoint(), task.index());
                    done.tryFail(failure);
                }
                answered.run();
                return;
            }
            if (!failing) LOG.warn("popped messages wait reason=\"{}\"", failure.getMessage());
            failing = true;
            pause(task);
            answered.run();
        }
    }
}
