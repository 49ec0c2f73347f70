package io.vostok.service;

import io.vertx.core.Promise;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.retry.RedriveRules;
import io.vostok.model.GroupName;
import io.vostok.model.QueueId;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.service.RedriveAdmin.Place;
import io.vostok.service.RedriveAdmin.Preview;
import io.vostok.service.RedriveAdmin.Progress;
import io.vostok.service.RedriveAdmin.Wish;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.LogView;
import io.vostok.store.StoreException;
import io.vostok.store.meta.RedrivenFile;
import io.vostok.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the redrives of dead letters, one a group at once, and the memory of what was sent again. Driven by RedriveVerticle, on
 * its context, which may block.
 *
 * <p>Always true: a dead letter is noted as sent again only when its copy is durable. So a crash may let the next redrive repeat
 * what was sent within the last moments, and loses nothing.
 */
public final class Redrives {
    private static final Logger LOG = LoggerFactory.getLogger(Redrives.class);

    /** Redrives that are over are remembered for so many groups. */
    private static final int MOST_REMEMBERED = 1_000;

    private static final int LOOKED_AT_PER_TURN = 512;
    private static final long MOST_LOOKED_AT = 1_000_000;
    private static final long SAVE_NANOS = 1_000_000_000;

    /** Creates topics. */
    interface Creation {
        /** Creates one; {@code done} hears of the failure, or null, on the owner's context. */
        void create(Topic topic, Consumer<@Nullable Throwable> done);
    }

    /**
     * What redrives stand on.
     *
     * @param copy of the owner's context
     * @param flushed the log's flushed mark
     */
    record Parts(
            Tables tables,
            ConsumeQueues queues,
            LogView view,
            MessageCopy copy,
            RedriveRules rules,
            RedrivenMarks marks,
            LongSupplier flushed,
            Creation creation,
            Clock clock) {}

    /** Runs things on the owner's context. */
    public interface Turns {
        void soon(Runnable turn);

        void later(long millis, Runnable turn);
    }

    private final Parts parts;
    private final RedrivenFile file;
    private final Turns turns;
    private final Map<String, Redrive> running = new LinkedHashMap<>();
    /** The least recently ended goes first. */
    private final Map<String, Progress> ended = new LinkedHashMap<>();

    private boolean turnPlanned;
    private long savedNanos;
    private boolean stopping;

    /** @param log of the owner's context */
    public Redrives(
            Tables tables,
            Registry registry,
            ConsumeQueues queues,
            LogView view,
            LogClient log,
            Appending appending,
            RedriveRules rules,
            RedrivenFile file,
            LongSupplier flushed,
            Clock clock,
            Turns turns) {
        this.file = file;
        this.turns = turns;
        this.savedNanos = clock.monotonicNanos();
        this.parts = new Parts(
                tables,
                queues,
                view,
                new MessageCopy(view, log, appending),
                rules,
                new RedrivenMarks(queues, file.load()),
                flushed,
                (topic, done) -> registry.create(List.of(topic), List.of())
                        .onComplete(created -> turns.soon(() -> done.accept(created.cause()))),
                clock);
    }

    void start(Wish wish, Promise<@Nullable Progress> answer) {
        if (running.containsKey(wish.group())) {
            answer.complete(null);
            return;
        }
        @Nullable Redrive made = make(wish, answer);
        if (made == null) return;
        running.put(wish.group(), made);
        LOG.info(
                "redrive started group={} target={} rate={} total={}",
                wish.group(),
                wish.target(),
                wish.perSecond(),
                made.progress().total());
        answer.complete(made.progress());
        plan();
    }

    private @Nullable Redrive make(Wish wish, Promise<?> answer) {
        @Nullable String problem = GroupName.problem(wish.group());
        Ruling<DeadLetterFilter> filter = DeadLetterFilter.of(wish);
        @Nullable Refused malformed = filter.refused();
        if (stopping) answer.fail(refusal(Refusal.NOT_WRITABLE, "the broker is stopping"));
        else if (problem != null) answer.fail(refusal(Refusal.INVALID_ARGUMENT, problem));
        else if (malformed != null) answer.fail(new Registry.RefusedException(malformed));
        else {
            @Nullable Topic letters = deadLetters(wish.group());
            return new Redrive(parts, wish, filter.value(), letters == null ? 0 : letters.readQueues(), this::plan);
        }
        return null;
    }

    private static Registry.RefusedException refusal(Refusal refusal, String words) {
        return new Registry.RefusedException(new Refused(refusal, words));
    }

    private @Nullable Topic deadLetters(String group) {
        return parts.tables().topics().find(TopicName.DLQ_PREFIX + group);
    }

    void preview(Wish wish, Promise<Preview> answer) {
        @Nullable Redrive made = make(wish, answer);
        if (made != null) look(made, answer);
    }

    private void look(Redrive preview, Promise<Preview> answer) {
        boolean more = preview.look(LOOKED_AT_PER_TURN);
        Progress seen = preview.progress();
        if (more && seen.scanned() < MOST_LOOKED_AT && !stopping) {
            turns.soon(() -> look(preview, answer));
        } else {
            answer.complete(new Preview(seen.scanned(), seen.matched(), seen.skipped(), !more));
        }
    }

    @Nullable
    Progress progress(String group) {
        @Nullable Redrive now = running.get(group);
        return now == null ? ended.get(group) : now.progress();
    }

    void stop(String group, Promise<@Nullable Progress> done) {
        @Nullable Redrive now = running.get(group);
        if (now == null) {
            done.complete(null);
        } else {
            now.stop(done);
            plan();
        }
    }

    List<Boolean> redriven(String group, List<Place> places) {
        List<Boolean> marked = new ArrayList<>(places.size());
        for (Place place : places) {
            QueueId queue = new QueueId(new TopicName(TopicName.DLQ_PREFIX + group), place.queue());
            marked.add(parts.marks().isMarked(group, queue, place.offset()));
        }
        return marked;
    }

    private void plan() {
        if (turnPlanned) return;
        turnPlanned = true;
        turns.soon(this::turn);
    }

    private void turn() {
        turnPlanned = false;
        long wait = -1;
        Map<String, Redrive> settled = new HashMap<>();
        for (Map.Entry<String, Redrive> each : running.entrySet()) {
            long own = each.getValue().turn();
            if (each.getValue().isSettled()) settled.put(each.getKey(), each.getValue());
            else if (own >= 0) wait = wait < 0 ? own : Math.min(wait, own);
        }
        long now = parts.clock().monotonicNanos();
        boolean saved = true;
        if (parts.marks().changed() && (!settled.isEmpty() || now - savedNanos >= SAVE_NANOS)) saved = save();
        if (saved) settled.forEach(this::end);
        else wait = Math.max(wait, SAVE_NANOS / 1_000_000);
        if (running.isEmpty() || wait < 0) return;
        if (wait == 0) plan();
        else turns.later(wait, this::plan);
    }

    private void end(String group, Redrive redrive) {
        running.remove(group);
        redrive.ended();
        ended.remove(group);
        if (ended.size() >= MOST_REMEMBERED)
            ended.remove(ended.keySet().iterator().next());
        Progress last = redrive.progress();
        ended.put(group, last);
        LOG.info(
                "redrive ended group={} state={} sent={} skipped={} failed={}",
                group,
                last.state(),
                last.sent(),
                last.skipped(),
                last.failed());
    }

    /** Blocks. Returns false when the disk took nothing. */
    private boolean save() {
        savedNanos = parts.clock().monotonicNanos();
        try {
            file.save(parts.marks().toSave(group -> deadLetters(group) != null));
            return true;
        } catch (StoreException failure) {
            parts.marks().notSaved();
            LOG.warn("redriven dead letters not noted, they may be sent twice reason=\"{}\"", failure.getMessage());
            return false;
        }
    }

    /** Sends nothing more. Returns how many copies the log has not answered. */
    public int stopAll() {
        stopping = true;
        int underWay = 0;
        for (Redrive each : running.values()) {
            each.stop(Promise.promise());
            underWay += each.underWay();
        }
        return underWay;
    }

    /** Notes what is durable by now. Only after {@link #stopAll} and after the log was flushed; blocks. */
    public void saveLast() {
        for (Redrive each : running.values()) each.turn();
        if (parts.marks().changed()) save();
    }
}
