package io.vostok.role;

import io.vertx.core.Future;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.pop.PopReceipt;
import io.vostok.broker.pop.PopRequest;
import io.vostok.broker.pull.PullAnswer;
import io.vostok.broker.pull.PullRequest;
import io.vostok.broker.retry.SendBack;
import io.vostok.broker.transaction.EndTransaction;
import io.vostok.kit.Seeds;
import io.vostok.kit.SimStore;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.GroupName;
import io.vostok.model.MessageProperties;
import io.vostok.model.OffsetMessageId;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.QueueId;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.service.Broker;
import io.vostok.service.Peer;
import io.vostok.service.PeerAnswer;
import io.vostok.service.PopHandle;
import io.vostok.service.PopOutcome;
import io.vostok.service.Popped;
import io.vostok.service.PullListener;
import io.vostok.service.Registry;
import io.vostok.service.SendListener;
import io.vostok.service.Sent;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.KeyReader;
import io.vostok.store.ReadResult;
import io.vostok.store.StoreException;
import io.vostok.store.file.SimCrash;
import io.vostok.store.transaction.HalfMessages;
import io.vostok.wire.body.HeartbeatData;
import io.vostok.wire.body.ProducerData;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random histories of a whole broker on virtual time: messages sent for now, for later and in transactions, recalled, pulled and
 * sent back, popped, acked and forgotten, while the disk fills up or fails and the process is killed or its power cut between any
 * two tasks and in the middle of any; at the end time passes until nothing is left to do. Then, and all along:
 *
 * <ul>
 *   <li>what was confirmed has reached its consumer, or is a dead letter, recalled, rolled back or given up, each for its reason;
 *       only a power cut with asynchronous flush may take it, and only what was not flushed;
 *   <li>nothing is in its queue before its time, before its commit, or after its rollback or recall;
 *   <li>what is sent again because nobody heard its answer is in its queue once;
 *   <li>attempts grow by one up to the most, and then there is one dead letter;
 *   <li>nothing comes twice unless a crash came between, nor while it is held;
 *   <li>the offsets of a queue show one message each, without a gap, and the key index finds it.
 * </ul>
 *
 * <p>{@code -Dsim.seed=N} repeats one history; {@code -Dsim.rounds=N} sets how many are tried.
 */
class BrokerSim {
    private static final int STEPS = 110;
    private static final int MOST_RETRIES = 2;
    private static final TopicName PULLED = new TopicName("pulled");
    private static final TopicName POPPED = new TopicName("popped");
    private static final GroupName PULLERS = new GroupName("pullers");
    private static final GroupName POPPERS = new GroupName("poppers");
    private static final long[] LEVEL_MILLIS = {1_000, 5_000, 10_000, 30_000};

    @Test
    void keepsItsPromises() {
        Seeds.run(BrokerSim.class, 150, seed -> new History(seed).run());
    }

    private enum Outcome {
        COMMIT,
        ROLLBACK,
        NEVER_KNOWN
    }

    /** What is known of one message. */
    private static final class Message {
        final String id;
        final TopicName topic;
        final int queue;
        final int level;
        /** When it is due by its own wish, or 0. */
        final long timeMillis;

        final @Nullable Outcome outcome;
        final long askedMillis;
        final int padding;

        /** Nothing of it may be visible before. */
        long notBeforeMillis;

        boolean sending;
        boolean confirmed;
        boolean resent;
        /** Where it was stored first. */
        long position = -1;

        long halfOffset = -1;
        boolean committing;
        /** So that it may be given up before its producer says something. */
        boolean checked;

        boolean ended;

        @Nullable
        String recallHandle;

        boolean recallTried;
        boolean recalled;

        int seen;
        int failures;
        int failuresTried;
        int attempts = -1;
        long heldUntilMillis;
        boolean acking;
        boolean done;
        boolean maybeDone;
        boolean deadAsked;
        boolean dead;
        /** It may come again though it need not. */
        boolean mayRepeat;
        /** Of what was done with it: of this a power cut may take. */
        long touchedTo;

        boolean mayBeLost;

        Message(
                String id,
                TopicName topic,
                int queue,
                int level,
                long timeMillis,
                @Nullable Outcome outcome,
                long now,
                int padding) {
            this.id = id;
            this.topic = topic;
            this.queue = queue;
            this.level = level;
            this.timeMillis = timeMillis;
            this.outcome = outcome;
            this.askedMillis = now;
            this.padding = padding;
        }

        boolean waits() {
            return level > 0 || timeMillis > 0;
        }

        @Override
        public String toString() {
            return id + " of " + topic + "/" + queue + (level > 0 ? " level " + level : "")
                    + (timeMillis > 0 ? " due " + timeMillis : "") + (outcome == null ? "" : " " + outcome)
                    + (confirmed ? " confirmed" : "") + (ended ? " ended" : "") + (done ? " done" : "")
                    + (dead ? " dead" : "")
                    + (maybeDone ? " maybeDone" : "") + (recalled ? " recalled" : recallTried ? " recallTried" : "")
                    + (mayRepeat ? " mayRepeat" : "") + (mayBeLost ? " mayBeLost" : "") + " seen=" + seen + " failures="
                    + failures + "/" + failuresTried + " attempts=" + attempts + " position=" + position;
        }
    }

    /** A message that a pop consumer has. */
    private record Held(Message message, PopHandle handle, long untilMillis) {}

    /** One queue of the pulling group, consumed in order by one consumer. */
    private static final class Puller {
        final QueueId queue;
        long position = -1;
        boolean busy;

        Puller(TopicName topic, int index) {
            queue = new QueueId(topic, index);
        }
    }

    private static final class History {
        private final Random random;
        private final long seed;
        private final boolean sync;
        private final boolean calm;
        private final SimStore on = new SimStore();
        private final Map<String, Message> messages = new LinkedHashMap<>();
        private final List<Message> unsettled = new ArrayList<>();
        private final List<Held> held = new ArrayList<>();
        private final List<String> story = new ArrayList<>();
        private final Map<QueueId, Long> looked = new HashMap<>();
        private final Map<QueueId, Map<Long, String>> shown = new HashMap<>();
        private List<Puller> pullers = List.of();
        private SimBroker broker;
        private int life;
        /** What the log of the life before vouched for. */
        private long flushed;

        private int ids;
        private boolean powerCut;
        private boolean crashed;
        /** The log refused something in this life. */
        private boolean troubled;

        private boolean full;
        private boolean ending;

        History(long seed) {
            this.seed = seed;
            random = Seeds.random(seed);
            sync = random.nextBoolean();
            calm = random.nextInt(4) == 0;
            broker = open();
        }

        void run() {
            try {
                for (int i = 0; i < STEPS; i++) step();
                if (!calm && random.nextBoolean()) restart(random.nextInt(3));
                finish();
                check();
            } catch (RuntimeException | Error e) {
                throw new AssertionError(
                        "sync=" + sync + " calm=" + calm + " life=" + life + "\nstory=" + String.join("\n  ", story)
                                + "\nlines=" + String.join("\n  ", on.lines),
                        e);
            } finally {
                broker.forget();
            }
        }

        // The broker.

        /** Opens the store; recovery itself may be killed, any number of times. */
        private SimBroker open() {
            while (true) {
                boolean crashing = life > 0 && random.nextInt(4) == 0;
                if (crashing) on.disk.crashAtStep(1 + random.nextInt(60));
                try {
                    SimBroker opened = new SimBroker(on, sync, seed * 1_000 + life);
                    begin(opened);
                    on.disk.crashAtStep(Long.MAX_VALUE / 2);
                    return opened;
                } catch (SimCrash e) {
                    boolean power = random.nextBoolean();
                    tell(power ? "power cut at start" : "kill at start");
                    powerCut |= power;
                    if (power) cutPower();
                    else on.disk = on.disk.crashProcess();
                }
            }
        }

        private void begin(SimBroker opened) {
            pullers = List.of(new Puller(PULLED, 0), new Puller(PULLED, 1), new Puller(TopicName.retryOf(PULLERS), 0));
            opened.await(opened.registry.create(
                    List.of(Topic.of(PULLED, 2, 6), Topic.of(POPPED, 2, 6), Topic.of(TopicName.retryOf(PULLERS), 1, 6)),
                    List.of(group(PULLERS), group(POPPERS))));
            opened.onLoop(
                    0,
                    face -> face.heartbeat(
                            new HeartbeatData("p", List.of(new ProducerData(SimBroker.PRODUCERS)), List.of(), 0, false),
                            new Producer(life),
                            0,
                            0));
        }

        private static ConsumerGroup group(GroupName name) {
            ConsumerGroup usual = ConsumerGroup.of(name);
            return new ConsumerGroup(
                    name, true, true, true, false, 1, MOST_RETRIES, 0, 1, true, 0, usual.consumeTimeoutMinutes(), null);
        }

        /** @param how 0 killed, 1 power cut, 2 stopped in order */
        private void restart(int how) {
            tell(List.of("kill", "power cut", "stop").get(how));
            boolean orderly = how == 2;
            troubled |= broker.refused();
            if (orderly) {
                try {
                    broker.sim.hold(broker.flush, false);
                    broker.stop();
                } catch (SimCrash e) {
                    tell("crash while it stops");
                    restart(random.nextInt(2));
                    return;
                } catch (StoreException poisoned) {
                    orderly = false;
                }
            }
            life++;
            crashed |= !orderly;
            for (Message each : messages.values()) crash(each, orderly && !troubled);
            flushed = broker.store.watermarks().flushed();
            if (how == 1) {
                powerCut = true;
                cutPower();
            } else {
                on.disk = on.disk.crashProcess();
            }
            broker.forget();
            on.disk.fillUp(1 << 28);
            held.removeIf(each -> random.nextBoolean());
            looked.clear();
            troubled = full;
            broker = open();
        }

        private void cutPower() {
            for (Message each : messages.values()) {
                each.mayRepeat = true;
                if (sync || (each.position < flushed && each.touchedTo <= flushed)) continue;
                each.mayBeLost = true;
                each.recalled = false;
            }
            for (Map<Long, String> ofQueue : shown.values()) {
                if (!sync) ofQueue.clear();
            }
            on.disk = on.disk.powerCut(new SplittableRandom(random.nextLong()));
        }

        /** What the end of a life leaves open of a message. */
        private void crash(Message each, boolean orderly) {
            if (each.sending) {
                each.sending = false;
                unsettled.add(each);
            }
            each.maybeDone |= each.acking && !each.done;
            each.acking = false;
            if (orderly) return;
            boolean popped = each.topic.equals(POPPED) && each.seen > 0 && (!each.done || troubled);
            if (popped || each.waits() || each.outcome != null || each.failuresTried > 0 || each.deadAsked) {
                each.mayRepeat = true;
            }
        }

        private void tell(String what) {
            story.add(on.clock.wallMillis() % 100_000_000 + " " + what);
        }

        // Steps.

        private void step() {
            boolean crashing = !calm && random.nextInt(25) == 0;
            if (crashing) on.disk.crashAtStep(1 + random.nextInt(40));
            try {
                act();
                for (int i = random.nextInt(25); i > 0 && broker.sim.runOne(); i--) {
                    on.disk.freeBytes(); // throws when a crash was caught on its way
                }
                look();
            } catch (SimCrash e) {
                tell("crash");
                restart(random.nextInt(2));
                return;
            }
            if (crashing) on.disk.crashAtStep(Long.MAX_VALUE / 2);
            if (broker.store.refusal() != null && isPoisoned() && random.nextInt(3) == 0) restart(random.nextInt(2));
        }

        private boolean isPoisoned() {
            @Nullable StoreException refusal = broker.store.refusal();
            return refusal != null && refusal.kind() == StoreException.Kind.POISONED;
        }

        private void act() {
            switch (random.nextInt(41)) {
                case 0, 1, 2, 3, 4, 5 -> send();
                case 6, 7 -> resend();
                case 8, 9, 10, 11 -> end();
                case 12 -> recall();
                case 13, 14, 15, 16, 17, 18 -> pull(pullers.get(random.nextInt(pullers.size())));
                case 19, 20, 21, 22 -> pop(1 + random.nextInt(4), 10_000 + random.nextInt(20_000));
                case 23, 24, 25 -> ack();
                case 26 -> changeInvisible();
                case 27 -> deadLetter();
                case 28, 29, 30, 31 -> advance(random.nextInt(3_000));
                case 32, 33 -> advance(random.nextInt(40_000));
                case 34, 35 -> broker.sim.runAll();
                case 36, 37 -> trouble();
                case 38 -> {
                    if (!calm && random.nextInt(2) == 0) restart(random.nextInt(3));
                }
                default -> {
                    for (Puller each : pullers) pull(each);
                }
            }
        }

        private void advance(int millis) {
            tell("advance " + millis);
            broker.sim.advance(Duration.ofMillis(millis));
        }

        private void trouble() {
            if (calm) return;
            troubled = true;
            switch (random.nextInt(7)) {
                case 4, 5, 6 -> {
                    boolean slow = random.nextInt(3) > 0;
                    tell(slow ? "forces hang" : "forces go on");
                    broker.sim.hold(broker.flush, slow);
                }
                case 0, 1 -> {
                    full = random.nextBoolean();
                    tell(full ? "disk full" : "disk has room");
                    on.disk.pretendUsedRatio(full ? 0.99 : Double.NaN);
                    broker.store.housekeeping().makeRoom();
                }
                case 2 -> {
                    tell("disk full to the last byte");
                    on.disk.fillUp(random.nextInt(4_096));
                }
                default -> {
                    if (random.nextInt(3) > 0) return;
                    List<String> files = on.disk.files("commitlog");
                    if (files.isEmpty()) return;
                    tell("force fails");
                    on.disk.failNextForce("commitlog/" + files.get(random.nextInt(files.size())));
                }
            }
        }

        private int anyLoop() {
            return random.nextInt(SimBroker.LOOPS);
        }

        private @Nullable Message any(java.util.function.Predicate<Message> which) {
            List<Message> all = messages.values().stream().filter(which).toList();
            return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
        }

        // Producers.

        private void send() {
            long now = on.clock.wallMillis();
            int level = 0;
            long time = 0;
            @Nullable Outcome outcome = null;
            switch (random.nextInt(6)) {
                case 0 -> level = 1 + random.nextInt(LEVEL_MILLIS.length);
                case 1 -> time = now + 1 + (long) Math.pow(10, random.nextDouble() * 5.3);
                case 2, 3 -> {
                    outcome = List.of(Outcome.COMMIT, Outcome.ROLLBACK, Outcome.NEVER_KNOWN)
                            .get(random.nextInt(3));
                    if (random.nextInt(4) == 0) level = 1 + random.nextInt(2);
                }
                default -> {
                    // for now
                }
            }
            TopicName topic = random.nextBoolean() ? PULLED : POPPED;
            Message message = new Message(
                    "m" + ids++,
                    topic,
                    random.nextInt(2),
                    level,
                    time,
                    outcome,
                    now,
                    random.nextInt(8) == 0 ? 1_500 : random.nextInt(60));
            message.notBeforeMillis = Math.max(time, outcome == null && level > 0 ? now + LEVEL_MILLIS[level - 1] : 0);
            messages.put(message.id, message);
            send(message);
        }

        private void resend() {
            if (unsettled.isEmpty()) return;
            Message message = unsettled.remove(random.nextInt(unsettled.size()));
            message.resent = true;
            // The first may be decided by then, or delivered: it is stored anew.
            if (message.outcome != null) message.mayRepeat = true;
            send(message);
        }

        private void send(Message message) {
            tell("send " + message);
            PropertiesEditor properties = new PropertiesEditor().load(new byte[0], 0, 0);
            properties.put(MessageProperties.UNIQ_KEY, message.id);
            if (message.level > 0) properties.put(MessageProperties.DELAY, message.level);
            if (message.timeMillis > 0) properties.put(MessageProperties.TIMER_DELIVER_MS, message.timeMillis);
            if (message.outcome != null) {
                properties.put(MessageProperties.TRAN_MSG, "true").put(MessageProperties.PGROUP, SimBroker.PRODUCERS);
            }
            String body = message.id + "|" + "x".repeat(message.padding);
            QueueId queue = new QueueId(message.topic, message.queue);
            message.sending = true;
            int now = life;
            broker.send(anyLoop(), queue, properties, body, message.askedMillis, new SendListener() {
                @Override
                public void sent(Sent sent) {
                    if (now == life) stored(message, sent);
                }

                @Override
                public void refused(Refused why) {
                    if (now != life) return;
                    tell("refused " + message.id + " " + why.words());
                    message.sending = false;
                    unsettled.add(message);
                }
            });
        }

        private void stored(Message message, Sent sent) {
            message.sending = false;
            if (sent.flushTimedOut()) {
                unsettled.add(message);
                return;
            }
            message.confirmed = true;
            message.position = OffsetMessageId.parse(sent.messageId()).physicalOffset();
            message.recallHandle = sent.recallHandle();
            if (message.outcome != null) message.halfOffset = sent.queueOffset();
            tell("sent " + message.id + " at " + message.position + "+" + sent.queueOffset());
        }

        private void end() {
            @Nullable Message message = any(each -> each.halfOffset >= 0 && each.outcome != Outcome.NEVER_KNOWN);
            if (message == null) return;
            end(message, message.halfOffset, message.position, false);
        }

        private void end(Message message, long offset, long position, boolean fromCheck) {
            @Nullable Outcome outcome = message.outcome;
            if (outcome == null || outcome == Outcome.NEVER_KNOWN) return;
            tell((fromCheck ? "answer " : "") + outcome + " " + message.id);
            if (outcome == Outcome.COMMIT && !message.committing) {
                message.committing = true;
                if (message.level > 0)
                    message.notBeforeMillis = on.clock.wallMillis() + LEVEL_MILLIS[message.level - 1];
            }
            EndTransaction end = new EndTransaction(
                    SimBroker.PRODUCERS,
                    offset,
                    position,
                    outcome == Outcome.COMMIT ? EndTransaction.Outcome.COMMIT : EndTransaction.Outcome.ROLLBACK,
                    fromCheck,
                    message.id);
            int now = life;
            broker.onLoop(
                    anyLoop(),
                    face -> face.endTransaction(end).onComplete(answer -> {
                        if (now != life) return;
                        tell("ended " + message.id + (answer.failed() ? " " + words(answer.cause()) : ""));
                        if (answer.failed()) return;
                        message.ended = true;
                        message.touchedTo = appended();
                    }));
        }

        private long appended() {
            return broker.store.watermarks().appended();
        }

        /** The producer's connection, which hears the broker's questions. */
        private final class Producer implements Peer {
            private final int ofLife;

            Producer(int ofLife) {
                this.ofLife = ofLife;
            }

            @Override
            public long id() {
                return ofLife;
            }

            @Override
            public String address() {
                return "producer";
            }

            @Override
            public void membersChanged(String group) {}

            @Override
            public Future<PeerAnswer> ask(int code, Map<String, String> fields, byte[] body, Duration patience) {
                return Future.failedFuture("asked");
            }

            @Override
            public void tell(int code, Map<String, String> fields, byte[] body) {
                if (ofLife != life) return;
                Message message = known(Objects.requireNonNull(fields.get("msgId")));
                History.this.tell("checked " + message.id);
                message.checked = true;
                // Some answers get lost.
                if (!ending && random.nextInt(3) == 0) return;
                end(
                        message,
                        Long.parseLong(field(fields, "tranStateTableOffset")),
                        Long.parseLong(field(fields, "commitLogOffset")),
                        true);
            }

            private static String field(Map<String, String> fields, String name) {
                return Objects.requireNonNull(fields.get(name));
            }

            @Override
            public boolean isWritable() {
                return true;
            }

            @Override
            public void close(String reason) {}
        }

        private void recall() {
            @Nullable
            Message message = any(
                    each -> each.recallHandle != null && !each.recallTried && each.timeMillis > on.clock.wallMillis());
            if (message == null || random.nextInt(3) > 0) return;
            tell("recall " + message.id);
            message.recallTried = true;
            String handle = Objects.requireNonNull(message.recallHandle);
            int now = life;
            broker.onLoop(
                    anyLoop(),
                    face -> face.recall(SimBroker.PRODUCERS, message.topic.value(), handle, SimBroker.CLIENT)
                            .onComplete(answer -> {
                                if (now != life) return;
                                tell("recalled " + message.id + (answer.failed() ? " " + words(answer.cause()) : ""));
                                // Later, or while the timer cannot write its index, the message may be on its way
                                // already.
                                boolean inTime = on.clock.wallMillis() < message.timeMillis - 1_000 && !troubled;
                                if (answer.succeeded() && inTime) message.recalled = true;
                                if (answer.succeeded()) message.touchedTo = appended();
                            }));
        }

        // Consumers that pull.

        private void pull(Puller puller) {
            if (puller.busy) return;
            puller.busy = true;
            int now = life;
            broker.onLoop(anyLoop(), face -> {
                if (puller.position < 0) {
                    puller.position = face.offset(
                                    PULLERS.value(), puller.queue.topic().value(), puller.queue.index(), true)
                            .value();
                }
                PullRequest request = new PullRequest(
                        PULLERS.value(),
                        puller.queue.topic().value(),
                        puller.queue.index(),
                        puller.position,
                        1,
                        1 << 2,
                        0,
                        0,
                        "*",
                        0,
                        "TAG",
                        0);
                face.pull(request, new Producer(life), new PullListener() {
                    @Override
                    public void answered(PullAnswer answer, ReadResult result, int topicSysFlag, int groupSysFlag) {
                        if (now != life) return;
                        if (answer.outcome() == PullAnswer.Outcome.FOUND) {
                            ByteBuffer target = ByteBuffer.allocate(result.sizeBytes(0));
                            that(face.copy(result, 0, target), "gone: " + puller.queue + "@" + puller.position);
                            pulled(face, puller, new RecordView().wrap(target, 0));
                        } else {
                            puller.position = answer.nextBeginOffset();
                            puller.busy = false;
                        }
                    }

                    @Override
                    public void refused(Refused why) {
                        throw new AssertionError("pull refused: " + why.words());
                    }
                });
            });
        }

        private void pulled(Broker face, Puller puller, RecordView record) {
            Message message = known(record);
            tell("pulled " + message.id + "#" + record.reconsumeTimes() + " from " + puller.queue + "@"
                    + puller.position);
            int attempt = record.reconsumeTimes();
            that(message.topic.equals(PULLED), "pulled from another topic: " + message);
            that(attempt <= MOST_RETRIES && attempt <= message.failuresTried, "attempt " + attempt + " of " + message);
            if (!message.mayRepeat) {
                that(!message.done && !message.dead, "comes after its end: " + message);
                that(attempt == message.failures, "attempt " + attempt + " of " + message);
            }
            if (ending || random.nextInt(5) > 1) {
                message.maybeDone = true; // when the process ends in the middle of it
                consumed(face, puller);
                message.done = true;
                return;
            }
            int level = random.nextInt(4) == 0 ? -1 : random.nextInt(3);
            boolean dies = level < 0 || attempt == MOST_RETRIES;
            message.failuresTried = Math.max(message.failuresTried, attempt + 1);
            message.deadAsked |= dies;
            tell("send back " + message.id + " level " + level);
            int now = life;
            face.sendBack(new SendBack(PULLERS.value(), record.physicalOffset(), level, -1))
                    .onComplete(answer -> {
                        if (now != life) return;
                        tell("sent back " + message.id + (answer.failed() ? " " + words(answer.cause()) : ""));
                        if (answer.failed()) {
                            if (isUnknown(answer.cause())) message.mayRepeat = true;
                            puller.busy = false;
                            return;
                        }
                        message.failures = Math.max(message.failures, attempt + 1);
                        message.touchedTo = appended();
                        if (dies) message.dead = true;
                        consumed(face, puller);
                    });
        }

        private void consumed(Broker face, Puller puller) {
            puller.position++;
            @Nullable
            Refused refused =
                    face.commit(PULLERS.value(), puller.queue.topic().value(), puller.queue.index(), puller.position);
            that(refused == null, "commit refused: " + refused);
            puller.busy = false;
        }

        /** Whether it was stored nobody can tell. */
        private boolean isUnknown(Throwable failure) {
            return !(failure instanceof Registry.RefusedException refused)
                    || refused.refused().refusal() == Refusal.FAILED
                    || isPoisoned();
        }

        private static String words(Throwable failure) {
            return failure instanceof Registry.RefusedException refused
                    ? refused.refused().words()
                    : failure.toString();
        }

        // Consumers that pop.

        private void pop(int most, long invisibleMillis) {
            PopRequest request = new PopRequest(
                    PopRequest.Kind.POP,
                    POPPERS.value(),
                    POPPED.value(),
                    PopRequest.ANY_QUEUE,
                    most,
                    invisibleMillis,
                    0,
                    0,
                    false,
                    null,
                    null,
                    false,
                    null);
            int now = life;
            broker.onLoop(
                    anyLoop(),
                    face -> face.pop(request, new Producer(life), outcome -> {
                        if (now != life) return;
                        that(!(outcome instanceof PopOutcome.Refuse), "pop refused: " + outcome);
                        if (outcome instanceof PopOutcome.Found found) popped(face, found.popped());
                    }));
        }

        private void popped(Broker face, Popped popped) {
            for (Popped.Part part : popped.parts()) {
                for (int i = 0; i < part.offsets().length; i++) {
                    ByteBuffer record = ByteBuffer.allocate(face.mostBytes(popped, part, i));
                    that(face.copy(popped, part, i, record), "gone: " + part.queue() + "@" + part.offsets()[i]);
                    PopReceipt receipt = popped.receipt(part, i);
                    PopHandle handle = new PopHandle(
                            POPPERS.value(),
                            part.queue().topic().value(),
                            part.queue().index(),
                            part.offsets()[i],
                            receipt);
                    took(new RecordView().wrap(record.flip(), 0), handle, popped);
                }
            }
        }

        private void took(RecordView record, PopHandle handle, Popped popped) {
            Message message = known(record);
            int attempt = record.reconsumeTimes();
            tell("popped " + message.id + "#" + attempt + " " + handle.topic() + "@" + handle.offset());
            that(message.topic.equals(POPPED), "popped from another topic: " + message);
            that(attempt <= MOST_RETRIES, "attempt " + attempt + " of " + message);
            if (!message.mayRepeat) {
                that(!message.done && !message.dead, "comes after its end: " + message);
                that(message.heldUntilMillis <= popped.popMillis(), "given out while held: " + message);
                that(attempt == message.attempts + 1, "attempt " + attempt + " of " + message);
            }
            message.attempts = Math.max(attempt, message.attempts);
            message.heldUntilMillis = popped.popMillis() + popped.invisibleMillis();
            held.add(new Held(message, handle, message.heldUntilMillis));
        }

        private @Nullable Held anyHeld() {
            return held.isEmpty() ? null : held.remove(random.nextInt(held.size()));
        }

        private void ack() {
            @Nullable Held mine = anyHeld();
            if (mine != null) ack(mine);
        }

        private void ack(Held mine) {
            Message message = mine.message();
            tell("ack " + message.id);
            message.acking = true;
            int now = life;
            broker.onLoop(
                    anyLoop(),
                    face -> face.ack(List.of(mine.handle())).onComplete(answer -> {
                        if (now != life) return;
                        boolean inTime = on.clock.wallMillis() < mine.untilMillis();
                        tell("acked " + message.id + (inTime ? "" : " late")
                                + (answer.failed() ? " " + words(answer.cause()) : ""));
                        message.acking = false;
                        if (answer.succeeded() && inTime && !message.mayRepeat) {
                            message.done = true;
                        } else {
                            // Whether it had come again before is not told.
                            message.maybeDone = true;
                            if (answer.failed() || !inTime) message.mayRepeat = true;
                        }
                    }));
        }

        private void changeInvisible() {
            @Nullable Held mine = anyHeld();
            if (mine == null) return;
            Message message = mine.message();
            long millis = 1_000L + random.nextInt(20_000);
            tell("hold " + message.id + " for " + millis);
            // Its receipt may say some milliseconds more: each names another time.
            long until = on.clock.wallMillis() + millis;
            message.heldUntilMillis = Math.min(message.heldUntilMillis, until);
            int now = life;
            broker.onLoop(
                    anyLoop(),
                    face -> face.changeInvisible(mine.handle(), millis).onComplete(answer -> {
                        if (now != life) return;
                        tell("held " + message.id + (answer.failed() ? " " + words(answer.cause()) : ""));
                        if (answer.failed()) {
                            return;
                        }
                        PopReceipt receipt = answer.result();
                        PopHandle old = mine.handle();
                        PopHandle handle =
                                new PopHandle(old.group(), old.topic(), old.queueId(), old.offset(), receipt);
                        if (!message.mayRepeat) message.heldUntilMillis = until;
                        held.add(new Held(message, handle, until));
                    }));
        }

        private void deadLetter() {
            @Nullable Held mine = anyHeld();
            if (mine == null) return;
            Message message = mine.message();
            tell("dead letter " + message.id);
            // Its copy and its ack are two steps; time may run out between them.
            message.mayRepeat = true;
            message.deadAsked = true;
            int now = life;
            broker.onLoop(
                    anyLoop(),
                    face -> face.deadLetter(mine.handle()).onSuccess(done -> {
                        if (now != life) return;
                        message.dead = true;
                        message.touchedTo = appended();
                    }));
        }

        // What anybody can see.

        private Message known(String id) {
            @Nullable Message message = messages.get(id);
            if (message == null) throw new AssertionError("never sent: " + id);
            return message;
        }

        private Message known(RecordView record) {
            return known(id(record));
        }

        private static String id(RecordView record) {
            String body = StandardCharsets.US_ASCII.decode(record.body()).toString();
            return body.substring(0, Math.max(0, body.indexOf('|')));
        }

        private @Nullable RecordView read(QueueId queue, long offset) {
            ConsumeQueue units = Objects.requireNonNull(broker.store.queues().find(queue));
            long position = units.position(offset);
            if (position < 0) return null;
            int size = broker.store.view().sizeBytes(position);
            ByteBuffer copy = ByteBuffer.allocate(Math.max(0, size));
            that(size > 0 && broker.store.view().copy(position, size, copy), "gone: " + queue + "@" + offset);
            RecordView record = new RecordView().wrap(copy, 0);
            boolean same = record.topic().equals(queue.topic().value())
                    && record.queueId() == queue.index()
                    && record.queueOffset() == offset;
            that(same, "another message at " + queue + "@" + offset);
            return record;
        }

        /** Looks at what is new in the queues of the topics. */
        private void look() {
            for (TopicName topic : List.of(PULLED, POPPED)) {
                for (int i = 0; i < 2; i++) look(new QueueId(topic, i));
            }
        }

        private void look(QueueId queue) {
            @Nullable ConsumeQueue units = broker.store.queues().find(queue);
            if (units == null) return;
            Map<Long, String> before = shown.computeIfAbsent(queue, none -> new HashMap<>());
            for (long offset = looked.getOrDefault(queue, 0L); offset < units.maxOffset(); offset++) {
                @Nullable RecordView record = read(queue, offset);
                String id = record == null ? "" : id(record);
                @Nullable String old = before.put(offset, id);
                that(old == null || old.equals(id), queue + "@" + offset + " was " + old + " and is " + id);
                that(record != null || (powerCut && !sync), queue + "@" + offset + " is empty");
                if (record != null && old == null) seen(known(id), queue);
            }
            looked.put(queue, units.maxOffset());
        }

        private void seen(Message message, QueueId queue) {
            tell("in queue " + message.id);
            long now = on.clock.wallMillis();
            that(
                    message.topic.equals(queue.topic()) && message.queue == queue.index(),
                    "in another queue " + queue + ": " + message);
            that(now >= message.notBeforeMillis, "early at " + now + ": " + message);
            that(
                    message.outcome == null || (message.outcome == Outcome.COMMIT && message.committing),
                    "visible without a commit: " + message);
            that(!message.recalled, "visible though recalled: " + message);
            message.seen++;
            boolean lateResend =
                    message.resent && now - message.askedMillis > SimBroker.REPEAT_WINDOW.toMillis() - 1_000;
            boolean surelyOnce = !message.waits() && message.outcome == null && !lateResend;
            that(
                    message.seen == 1 || !(surelyOnce || !message.mayRepeat) || (powerCut && !sync),
                    "in its queue again: " + message);
        }

        // The end.

        /** Time passes while consumers take what comes, until nothing waits. */
        private void finish() {
            ending = true;
            on.disk.crashAtStep(Long.MAX_VALUE / 2);
            on.disk.pretendUsedRatio(Double.NaN);
            on.disk.fillUp(1 << 28);
            broker.sim.hold(broker.flush, false);
            for (int i = unsettled.size(); i > 0; i--) {
                if (random.nextBoolean()) resend();
            }
            tell("ending");
            long end = on.clock.wallMillis() + Duration.ofMinutes(12).toMillis();
            while (on.clock.wallMillis() < end) {
                if (isPoisoned()) restart(0); // by a force that was to fail, and does so only now
                for (Puller each : pullers) pull(each);
                pop(8, 60_000);
                broker.sim.runAll();
                for (Held each : List.copyOf(held)) ack(each);
                held.clear();
                broker.sim.runAll();
                look();
                broker.sim.advanceToNext(Duration.ofSeconds(5));
                broker.sim.advance(Duration.ofMillis(random.nextInt(2_000)));
            }
            broker.sim.runAll();
        }

        private void check() {
            Map<String, Integer> deadLetters = new HashMap<>();
            count(new QueueId(new TopicName(TopicName.DLQ_PREFIX + PULLERS), 0), deadLetters);
            count(new QueueId(new TopicName(TopicName.DLQ_PREFIX + POPPERS), 0), deadLetters);
            Map<String, Integer> givenUp = new HashMap<>();
            count(HalfMessages.GIVEN_UP, givenUp);
            for (Message each : messages.values()) {
                check(each, deadLetters.getOrDefault(each.id, 0), givenUp.getOrDefault(each.id, 0));
            }
            broker.store.queues().all().forEach(this::checkOffsets);
            that(broker.inFlight.held() == 0, "still held: " + broker.inFlight.held());
            that(broker.timers.pending() == 0, "timers pending: " + broker.timers.pending());
            that(broker.counts.pending() == 0, "half messages pending: " + broker.counts.pending());
            that(
                    crashed || !on.lines.stream().anyMatch(line -> line.startsWith("WARN")) || troubled || !calm,
                    "warned");
        }

        private void check(Message each, int deadLetters, int givenUp) {
            String what = each + " deadLetters=" + deadLetters + " givenUp=" + givenUp;
            that(
                    deadLetters == 0 || each.deadAsked || each.attempts == MOST_RETRIES,
                    "a dead letter without a reason: " + what);
            that(deadLetters <= 1 || each.mayRepeat, "dead letters twice: " + what);
            that(deadLetters == 0 || !each.done || each.mayRepeat, "dead though consumed: " + what);
            that(givenUp == 0 || each.outcome != null, "given up without being a half message: " + what);
            that(givenUp <= 1 || each.mayRepeat, "given up twice: " + what);
            if (each.mayBeLost || !each.confirmed) return;
            boolean over = each.done || each.maybeDone || deadLetters > 0;
            // An ack of the same message may have overtaken the wish.
            if (each.dead) that(deadLetters > 0 || each.maybeDone, "a dead letter is lost: " + what);
            if (each.outcome == Outcome.ROLLBACK) {
                that(
                        !each.ended || givenUp == 0 || each.mayRepeat || each.checked,
                        "given up though rolled back: " + what);
            } else if (each.outcome == Outcome.NEVER_KNOWN) {
                that(givenUp > 0, "neither decided nor given up: " + what);
            } else if (each.outcome == Outcome.COMMIT && !each.ended) {
                that(over || givenUp > 0, "neither delivered nor given up: " + what);
            } else {
                that(over || each.recallTried, "lost: " + what);
            }
            if (each.seen > 0 && each.outcome == null && !each.waits()) {
                KeyReader.Found found = broker.store
                        .keys()
                        .find(each.topic.value(), each.id, KeyReader.Kind.UNIQUE, 0, Long.MAX_VALUE, 32, 1 << 20);
                that(!found.records().isEmpty(), "the key index does not know " + what);
            }
        }

        private void count(QueueId queue, Map<String, Integer> counts) {
            @Nullable ConsumeQueue units = broker.store.queues().find(queue);
            if (units == null) return;
            for (long offset = units.minOffset(); offset < units.maxOffset(); offset++) {
                @Nullable RecordView record = read(queue, offset);
                if (record != null) counts.merge(id(record), 1, Integer::sum);
            }
        }

        private void checkOffsets(QueueId queue) {
            ConsumeQueue units = Objects.requireNonNull(broker.store.queues().find(queue));
            long last = -1;
            for (long offset = units.minOffset(); offset < units.maxOffset(); offset++) {
                @Nullable RecordView record = read(queue, offset);
                that(record != null || (powerCut && !sync), queue + "@" + offset + " is empty");
                if (record == null) continue;
                that(record.physicalOffset() > last, queue + "@" + offset + " lies before its predecessor");
                last = record.physicalOffset();
            }
        }

        private static void that(boolean holds, String otherwise) {
            if (!holds) throw new AssertionError(otherwise);
        }
    }
}
