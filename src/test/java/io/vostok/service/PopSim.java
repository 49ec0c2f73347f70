package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.kit.Seeds;
import io.vostok.model.QueueId;
import io.vostok.store.Stored;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random histories of pop consumption on virtual time: sent, popped, acked, held longer, forgotten, made dead letters, with
 * answers of the log late or failed, offsets settled and forced, the broker killed, its power cut, its wall clock set.
 *
 * <p>Every message is acked, or a dead letter, or comes again; none comes twice while it is held, nor after its ack is answered,
 * unless a crash came between; attempts grow by one; in order nothing overtakes.
 *
 * <p>{@code -Dsim.seed=N} repeats one history; {@code -Dsim.rounds=N} sets how many are tried.
 */
class PopSim {
    private static final int STEPS = 80;

    @Test
    void keepsItsPromises() {
        Seeds.run(PopSim.class, 800, seed -> new History(seed).run());
    }

    /** A message that a consumer has. */
    private record Held(PopKit.Got got, long untilNanos, int life) {}

    /** What is known of one message. */
    private static final class Message {
        final String text;
        final int queue;
        final long end;
        boolean acked;
        /** The owner knows of its ack, though the log may not. */
        boolean acking;

        boolean dead;
        /** It was acked too late, or the log refused the ack: it may be over. */
        boolean maybe;

        /** A crash may have made another copy of it. */
        boolean unsure;
        /** A power cut may have taken it. */
        boolean lost;

        int attempts = -1;
        /** New invisible times that were not answered: until then the old one is in the log. */
        int changing;

        long heldUntilNanos = Long.MIN_VALUE;
        long offset = -1;

        Message(String text, int queue, long end) {
            this.text = text;
            this.queue = queue;
            this.end = end;
        }

        @Override
        public String toString() {
            return text + (acked ? " acked" : "") + (unsure ? " unsure" : "") + " attempts=" + attempts;
        }
    }

    private static final class History {
        private final Random random;
        private final PopKit kit;
        private final boolean order;
        private final Map<String, Message> messages = new HashMap<>();
        private final List<Held> held = new ArrayList<>();
        /** When each queue was last popped in order: a receipt of an earlier pop acks nothing (storage reference 13.8). */
        private final Map<QueueId, Long> lastPopMillis = new HashMap<>();

        private final List<String> story = new ArrayList<>();
        private int life;
        private int ids;
        private boolean refusing;
        private boolean clockMoved;
        /** Records are owed to the log: a crash may then repeat even what is acked. */
        private boolean refused;

        History(long seed) {
            random = Seeds.random(seed);
            order = random.nextInt(3) == 0;
            kit = new PopKit(random.nextBoolean(), 1 + random.nextInt(3), seed);
        }

        void run() {
            try {
                for (int i = 0; i < STEPS; i++) step();
                finish();
                check();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "order=" + order + " sync=" + kit.sync + " story=" + story + " lines="
                                + String.join("\n", kit.lines),
                        e);
            }
        }

        private void step() {
            switch (random.nextInt(24)) {
                case 0, 1, 2 -> send();
                case 3, 4, 5, 6 -> pop();
                case 7, 8, 9 -> ack();
                case 10 -> changeInvisible();
                case 11 -> deadLetter();
                case 12, 13, 14, 15 -> {
                    boolean refuse = refusing && random.nextInt(3) == 0;
                    refused |= refuse;
                    kit.append(refuse);
                    if (random.nextBoolean()) kit.answer();
                }
                case 16 -> kit.answerAll();
                case 17, 18 -> advance(random.nextInt(6_000));
                case 19 -> {
                    story.add("settle");
                    if (random.nextBoolean()) kit.store.flusher().flush();
                    kit.pops.settle();
                    if (random.nextBoolean()) kit.offsets.force();
                    // What was committed must not vouch for records that a power cut takes now.
                    if (random.nextInt(6) == 0) crash(1);
                }
                case 20 -> {
                    refusing = random.nextInt(4) == 0;
                    if (random.nextInt(4) == 0) {
                        int seconds = random.nextInt(60) - 30;
                        story.add("clock " + seconds);
                        clockMoved = true;
                        kit.clock.stepWall(Duration.ofSeconds(seconds));
                    }
                }
                case 21 -> crash(random.nextInt(3));
                default -> kit.go();
            }
        }

        private void advance(int millis) {
            story.add("advance " + millis);
            kit.clock.advance(Duration.ofMillis(millis));
            kit.go();
        }

        private void send() {
            String text = "m" + ids++;
            int queue = random.nextInt(kit.queues);
            story.add("send " + text + " to " + queue);
            Stored stored = kit.send(queue, text);
            Message message = new Message(text, queue, stored.endPosition());
            message.offset = stored.queueOffset();
            messages.put(text, message);
        }

        private void pop() {
            long invisible = 1_000L + random.nextInt(8_000);
            int most = 1 + random.nextInt(6);
            @Nullable String attempt = order && random.nextBoolean() ? "a" + random.nextInt(2) : null;
            List<PopKit.Got> got = kit.pop(most, invisible, order, attempt);
            if (!got.isEmpty()) {
                story.add("popped " + got.stream().map(History::words).toList()
                        + (attempt == null ? "" : " as " + attempt));
            }
            long now = kit.clock.monotonicNanos();
            for (PopKit.Got each : got) took(each, now, now + invisible * 1_000_000, attempt, got);
        }

        private static String words(PopKit.Got got) {
            return got.text() + "#" + got.reconsumeTimes() + "@" + got.offset();
        }

        private void took(PopKit.Got got, long now, long until, @Nullable String attempt, List<PopKit.Got> batch) {
            Message message = messages.get(got.text());
            if (message == null) throw new AssertionError("never sent: " + got);
            if (!message.unsure) {
                if (message.acked || message.dead) throw new AssertionError("comes after its end: " + message);
                if (message.heldUntilNanos > now && attempt == null) {
                    throw new AssertionError("given out while held: " + message);
                }
                boolean again = attempt != null && got.reconsumeTimes() == message.attempts;
                if (got.reconsumeTimes() != message.attempts + 1 && !again) {
                    throw new AssertionError("attempt " + got.reconsumeTimes() + " of " + message);
                }
            }
            if (order) checkOrder(message, batch);
            message.attempts = Math.max(message.attempts, got.reconsumeTimes());
            message.heldUntilNanos = until;
            held.removeIf(old -> order && old.got().text().equals(got.text()));
            if (order) lastPopMillis.put(got.queue(), got.receipt().popMillis());
            held.add(new Held(got, until, life));
        }

        /** All before it in its queue is consumed, or part of the same batch. */
        private void checkOrder(Message message, List<PopKit.Got> batch) {
            Set<String> together = new HashSet<>();
            batch.forEach(each -> together.add(each.text()));
            for (Message other : messages.values()) {
                boolean before = other.queue == message.queue && other.offset < message.offset;
                if (before
                        && !other.acked
                        && !other.acking
                        && !other.dead
                        && !other.lost
                        && !together.contains(other.text)) {
                    // It may be part of a larger batch of which this pop took less.
                    if (other.heldUntilNanos > kit.clock.monotonicNanos() && !other.unsure && message.attempts < 0) {
                        throw new AssertionError(message + " overtakes " + other);
                    }
                    if (other.attempts < 0) throw new AssertionError(message + " overtakes " + other);
                }
            }
        }

        private @Nullable Held any() {
            return held.isEmpty() ? null : held.remove(random.nextInt(held.size()));
        }

        private void ack() {
            @Nullable Held mine = any();
            if (mine == null) return;
            Message message = message(mine);
            if (order && mine.life() == life && outdated(mine.got())) {
                story.add("ack " + message.text + " outdated");
                if (!kit.ack(mine.got()).succeeded()) throw new AssertionError("outdated ack of " + message);
                return;
            }
            boolean valid = mine.life() == life && mine.untilNanos() - kit.clock.monotonicNanos() > 0;
            story.add("ack " + message.text + "#" + mine.got().reconsumeTimes() + (valid ? "" : " late"));
            if (!valid) message.maybe = true;
            if (!valid) message.unsure |= mine.life() != life || !order;
            Future<Void> done = kit.ack(mine.got());
            int now = life;
            done.onComplete(answer -> {
                if (life != now) return;
                if (answer.failed()) {
                    // The log refused it; whether it comes again is open.
                    message.unsure = true;
                    message.maybe = true;
                } else if (valid) {
                    message.acked = true;
                }
            });
            if (!valid) return;
            message.acking = true;
            // Whatever the answer: nobody holds it any more, and it may come again only after a crash.
            message.heldUntilNanos = Long.MAX_VALUE;
        }

        private boolean outdated(PopKit.Got got) {
            return lastPopMillis.getOrDefault(got.queue(), got.receipt().popMillis())
                    != got.receipt().popMillis();
        }

        private Message message(Held mine) {
            Message message = messages.get(mine.got().text());
            if (message == null) throw new AssertionError("unknown");
            return message;
        }

        private void changeInvisible() {
            @Nullable Held mine = any();
            if (mine == null) return;
            Message message = message(mine);
            long millis = random.nextInt(9_000);
            story.add("hold " + message.text + " for " + millis);
            long until = kit.clock.monotonicNanos() + millis * 1_000_000;
            int now = life;
            long before = message.heldUntilNanos;
            message.heldUntilNanos = Math.min(before, until);
            message.changing++;
            kit.change(mine.got(), millis).onComplete(answer -> {
                story.add("held " + message.text + " " + answer);
                if (life != now) return;
                message.changing--;
                if (answer.failed()) return;
                PopKit.Got got = mine.got();
                held.add(new Held(
                        new PopKit.Got(got.text(), got.reconsumeTimes(), got.queue(), got.offset(), answer.result()),
                        until,
                        life));
            });
            if (mine.life() != life) message.unsure = true;
        }

        private void deadLetter() {
            @Nullable Held mine = any();
            if (mine == null || random.nextInt(3) > 0) return;
            Message message = message(mine);
            story.add("dead letter " + message.text);
            int now = life;
            // Its copy and its ack are two steps; time may run out between them.
            message.unsure = true;
            kit.deadLetter(mine.got()).onSuccess(done -> {
                if (life == now) message.dead = true;
            });
        }

        /** @param how 0 killed, 1 power cut, 2 stopped in order */
        private void crash(int how) {
            story.add(List.of("kill", "power cut", "stop").get(how));
            if (how == 2) kit.stop();
            long flushed = kit.store.watermarks().flushed();
            life++;
            for (Message message : messages.values()) {
                if (how == 2 && !refused) continue;
                boolean settled = message.acked || message.dead;
                message.maybe |= message.acking && !settled;
                message.acking = false;
                if (how == 1 && message.end > flushed) message.lost = true;
                boolean open = how == 1 || refused || !settled || message.changing > 0;
                message.changing = 0;
                if (message.attempts >= 0 && open) message.unsure = true;
            }
            // No two lives have a millisecond in common: a receipt of one names no pop of the other.
            kit.clock.advance(Duration.ofMillis(1));
            if (how == 0) kit.kill();
            if (how == 1) kit.cutPower(random.nextLong());
            for (Message message : messages.values()) {
                // A restart takes what is left of an invisible time from the wall clock.
                if (message.lost || message.unsure || clockMoved) message.heldUntilNanos = Long.MIN_VALUE;
            }
            clockMoved = false;
            refused = false;
            lastPopMillis.clear();
            if (how == 2 || random.nextBoolean()) return;
            held.clear();
        }

        /** Consumers come back and ack all they get; nothing may keep them from coming to an end. */
        private void finish() {
            refusing = false;
            int idle = 0;
            for (int i = 0; i < 5_000 && idle < 40; i++) {
                kit.answerAll();
                kit.go();
                kit.answerAll();
                List<PopKit.Got> got = kit.pop(6, 60_000, order, null);
                long now = kit.clock.monotonicNanos();
                if (!got.isEmpty())
                    story.add("last popped " + got.stream().map(History::words).toList());
                for (PopKit.Got each : got) took(each, now, now + 60_000_000_000L, null, got);
                while (!held.isEmpty()) ack();
                kit.answerAll();
                idle = got.isEmpty() ? idle + 1 : 0;
                kit.clock.advance(Duration.ofSeconds(2));
            }
            kit.store.flusher().flush();
            kit.pops.settle();
        }

        private void check() {
            Set<String> dead = new HashSet<>(kit.deadLetters());
            for (Message message : messages.values()) {
                boolean settled = message.acked || message.dead || dead.contains(message.text);
                if (!settled && !message.lost && !message.maybe) throw new AssertionError("lost: " + message);
            }
            if (kit.inFlight.held() != 0) throw new AssertionError("still held: " + kit.inFlight.held());
            if (kit.pops.unsettled()) throw new AssertionError("never settled");
            if (kit.pops.nextNanos() != null) throw new AssertionError("still waits for something");
        }
    }
}
