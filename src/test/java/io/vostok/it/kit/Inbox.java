package io.vostok.it.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.Got;
import io.vostok.it.client.Listener;
import io.vostok.it.client.Queue;
import io.vostok.kit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Keeps what a push consumer was given, in the order in which it was. Any thread. */
public final class Inbox implements Listener {
    private final List<Got> all = new ArrayList<>();
    private final Set<String> texts = new HashSet<>();

    @Override
    public synchronized boolean take(List<Got> messages) {
        all.addAll(messages);
        messages.forEach(got -> texts.add(got.text()));
        return true;
    }

    public synchronized List<Got> all() {
        return List.copyOf(all);
    }

    public synchronized boolean has(String text) {
        return texts.contains(text);
    }

    public synchronized int distinct() {
        return texts.size();
    }

    private synchronized int missing(Collection<String> wanted) {
        return (int) wanted.stream().filter(text -> !texts.contains(text)).count();
    }

    /** Waits until every one of {@code wanted} has come at least once. */
    public void awaitTexts(Collection<String> wanted) {
        awaitTexts(wanted, Scenario.SOON);
    }

    public void awaitTexts(Collection<String> wanted, Duration atMost) {
        try {
            Await.until("all have come", atMost, () -> missing(wanted) == 0);
        } catch (AssertionError e) {
            throw new AssertionError(
                    missing(wanted) + " of " + wanted.size() + " have not come, for instance "
                            + wanted.stream()
                                    .filter(text -> !texts.contains(text))
                                    .limit(5)
                                    .toList(),
                    e);
        }
    }

    public void awaitCount(int count) {
        Await.until(count + " have come", Scenario.SOON, () -> all().size() >= count);
        assertThat(all()).hasSize(count);
    }

    /** A queue's messages came in the queue's order; coming again is allowed only from an earlier point on. */
    public void assertOrderInEachQueue() {
        Map<Queue, Long> last = new HashMap<>();
        for (Got got : all()) {
            Long before = last.put(got.queue(), got.queueOffset());
            if (before == null)
                assertThat(got.queueOffset()).as("first of %s", got.queue()).isZero();
            else
                assertThat(got.queueOffset())
                        .as("after %s in %s", before, got.queue())
                        .isLessThanOrEqualTo(before + 1);
        }
    }
}
