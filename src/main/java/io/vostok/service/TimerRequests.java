package io.vostok.service;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.delay.DelayRules;
import io.vostok.model.MessageProperties;
import io.vostok.store.LogView;
import io.vostok.store.timer.DelayQueues;
import io.vostok.store.timer.PendingTimers;
import io.vostok.store.timer.TimerDue;
import io.vostok.store.timer.Timers;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What administrators ask of what waits for its time. Driven by TimerVerticle, on its context; each turn is short. */
public final class TimerRequests implements TimersClient.Owner {
    private static final int STRETCH = 512;
    private static final int SCANNED_PER_TURN = 8_192;
    private static final int MOST_RECALLS = 20_000;

    private final DelayQueues levels;
    private final Timers timers;
    private final TimedDelivery delivery;
    private final Context context;
    private final WaitingMessage.Reader reader;

    public TimerRequests(DelayQueues levels, Timers timers, TimedDelivery delivery, LogView view, Context context) {
        this.levels = levels;
        this.timers = timers;
        this.delivery = delivery;
        this.context = context;
        this.reader = new WaitingMessage.Reader(view);
    }

    @Override
    public void pending(long bucket, int index, Promise<PendingTimers> answer) {
        answer.complete(timers.pending(bucket, index, STRETCH));
    }

    @Override
    public void find(TimersClient.Place place, Promise<PendingTimers.Each> answer) {
        PendingTimers.@Nullable Each found = find(place);
        if (found == null) answer.fail(gone());
        else answer.complete(found);
    }

    private PendingTimers.@Nullable Each find(TimersClient.Place place) {
        PendingTimers.@Nullable Each found = timers.find(place.entry(), place.offset(), place.position());
        return found == null || found.recall() ? null : found;
    }

    private static Registry.RefusedException gone() {
        return refusal(Refusal.ILLEGAL_OPERATION, "no message waits there any more; list what waits anew");
    }

    private static Registry.RefusedException refusal(Refusal refusal, String words) {
        return new Registry.RefusedException(new Refused(refusal, words));
    }

    @Override
    public void recalls(long bucket, Promise<Set<String>> answer) {
        recalls(bucket, 0, new HashSet<>(), answer);
    }

    /** A bucket may hold all there is, so turn by turn. */
    private void recalls(long bucket, int index, Set<String> found, Promise<Set<String>> answer) {
        PendingTimers stretch = timers.pending(bucket, index, SCANNED_PER_TURN);
        for (PendingTimers.Each each : stretch.entries()) {
            if (each.bucket() != bucket || !each.recall()) continue;
            @Nullable Map<String, String> properties = reader.properties(each.position(), each.sizeBytes());
            @Nullable String key = properties == null ? null : properties.get(MessageProperties.TIMER_DEL_UNIQKEY);
            if (key != null) found.add(nameOf(each.dueMillis(), key));
            if (found.size() > MOST_RECALLS) {
                answer.fail(refusal(
                        Refusal.BUSY, "more than " + MOST_RECALLS + " messages of these two minutes were recalled"));
                return;
            }
        }
        if (stretch.nextBucket() == bucket) {
            context.runOnContext(turn -> recalls(bucket, stretch.nextIndex(), found, answer));
        } else {
            answer.complete(found);
        }
    }

    static String nameOf(long dueMillis, String key) {
        return dueMillis + " " + key;
    }

    @Override
    public void waiting(Promise<TimersClient.Waiting> answer) {
        answer.complete(new TimersClient.Waiting(timers.pending(), levels.deliveredTo()));
    }

    @Override
    public void deliver(TimersClient.Place place, Promise<Void> done) {
        PendingTimers.@Nullable Each before = find(place);
        if (before == null) {
            done.fail(gone());
            return;
        }
        Promise<Set<String>> recalls = Promise.promise();
        Future<Set<String>> known = recalls.future();
        // A message that was recalled must not come because somebody wants it earlier.
        known.onSuccess(recalled -> deliver(place, recalled, done)).onFailure(done::fail);
        recalls(before.bucket(), recalls);
    }

    private void deliver(TimersClient.Place place, Set<String> recalled, Promise<Void> done) {
        PendingTimers.@Nullable Each wanted = find(place);
        @Nullable
        Map<String, String> properties =
                wanted == null ? null : reader.properties(wanted.position(), wanted.sizeBytes());
        if (wanted == null || properties == null) {
            done.fail(gone());
            return;
        }
        @Nullable String key = DelayRules.recallKey(properties::get);
        if (key != null && recalled.contains(nameOf(wanted.dueMillis(), key))) {
            done.fail(refusal(Refusal.ILLEGAL_OPERATION, "the message was recalled"));
            return;
        }
        @Nullable TimerDue due = timers.takeEarly(wanted);
        if (due == null) {
            done.fail(refusal(Refusal.BUSY, "the message is being stored again, or too many are under way; try again"));
            return;
        }
        delivery.deliverEarly(due, done);
    }
}
