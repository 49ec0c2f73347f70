package io.vostok.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.pop.PopRequest;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.QueueId;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.store.StoreException;
import io.vostok.wire.body.PopAckBody;
import io.vostok.wire.body.PopCheckpointBody;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PopsTest {
    private static final long MINUTE = 60_000;

    private PopKit kit = new PopKit(true, 1, 1);

    private static PopRequest waiting(int queue) {
        return new PopRequest(
                PopRequest.Kind.POP,
                PopKit.GROUP.value(),
                PopKit.TOPIC.value(),
                queue,
                8,
                MINUTE,
                10_000,
                0,
                false,
                null,
                null,
                false,
                null);
    }

    private static List<String> texts(List<PopKit.Got> got) {
        return got.stream().map(PopKit.Got::text).toList();
    }

    private void settle() {
        kit.answerAll();
        kit.store.flusher().flush();
        kit.pops.settle();
    }

    private void deleteTopic() {
        long before = kit.store.log().forget(PopKit.TOPIC);
        kit.store.housekeeping().deleteTopic(PopKit.TOPIC, before);
        kit.offsets.removeTopic(PopKit.TOPIC);
    }

    @Test
    void aTopicMadeAgainKnowsNothingOfAcksOfTheOld() {
        kit.send(0, "old0");
        kit.send(0, "old1");
        List<PopKit.Got> old = kit.pop(8, MINUTE, false, null);
        kit.ack(old.get(0));
        kit.answerAll();
        Topic topic = Objects.requireNonNull(kit.tables.topics().find(PopKit.TOPIC.value()));
        kit.tables.topics(kit.tables.topics().without(PopKit.TOPIC, 1));
        deleteTopic();
        kit.pops.deleted(PopKit.TOPIC);
        kit.tables.topics(kit.tables.topics().with(topic, 2));
        kit.send(0, "new0");
        kit.send(0, "new1");

        assertThat(texts(kit.pop(8, MINUTE, false, null))).containsExactly("new0", "new1");
    }

    @Test
    void aTopicMadeAgainKnowsNothingOfAcksOfTheOldAfterAKill() {
        kit.send(0, "old0");
        kit.send(0, "old1");
        List<PopKit.Got> old = kit.pop(8, MINUTE, false, null);
        kit.ack(old.get(0));
        kit.answerAll();
        deleteTopic();
        kit.kill();
        kit.send(0, "new0");
        kit.send(0, "new1");

        assertThat(texts(kit.pop(8, MINUTE, false, null))).containsExactly("new0", "new1");
    }

    @Test
    void refusesPopsThatWaitForATopicThatIsDeleted() {
        List<PopOutcome> answers = new ArrayList<>();
        kit.pops.pop(waiting(PopRequest.ANY_QUEUE), PopKit.CHANNEL, answers::add);
        kit.tables.topics(kit.tables.topics().without(PopKit.TOPIC, 1));

        kit.pops.deleted(PopKit.TOPIC);

        assertThat(answers)
                .singleElement()
                .isInstanceOfSatisfying(
                        PopOutcome.Refuse.class,
                        refuse -> assertThat(refuse.refused().refusal()).isEqualTo(Refusal.TOPIC_NOT_FOUND));
    }

    @Test
    void tellsAPopThatItWaitsAndNoOther() {
        List<String> heard = new ArrayList<>();
        kit.send(0, "m");

        kit.pops.pop(waiting(PopRequest.ANY_QUEUE), PopKit.CHANNEL, hearing("at once", heard));
        kit.pops.pop(waiting(PopRequest.ANY_QUEUE), PopKit.CHANNEL, hearing("later", heard));
        kit.pops.release();

        assertThat(heard).containsExactly("at once Found", "later waits", "later Nothing");
    }

    private static PopListener hearing(String name, List<String> heard) {
        return new PopListener() {
            @Override
            public void held() {
                heard.add(name + " waits");
            }

            @Override
            public void answered(PopOutcome outcome) {
                heard.add(name + " " + outcome.getClass().getSimpleName());
            }
        };
    }

    @Test
    void goesWhereAnAdministratorHasSetTheGroup() {
        for (int i = 0; i < 3; i++) kit.send(0, "m" + i);
        assertThat(kit.pop(8, MINUTE, false, null)).hasSize(3);
        QueueId queue = new QueueId(PopKit.TOPIC, 0);
        // Nothing is committed yet: the table still says 0, and only the pending reset tells that 0 is meant.
        kit.resets.add(PopKit.GROUP, queue, 0);
        kit.offsets.commit(PopKit.GROUP, queue, 0);
        kit.clock.advance(Duration.ofMillis(1));

        assertThat(texts(kit.pop(8, MINUTE, false, null))).containsExactly("m0", "m1", "m2");
    }

    @Test
    void commitsNothingOverAResetThatNobodyHasFollowed() {
        for (int i = 0; i < 3; i++) kit.send(0, "m" + i);
        kit.pop(8, MINUTE, false, null).forEach(kit::ack);
        QueueId queue = new QueueId(PopKit.TOPIC, 0);
        kit.resets.add(PopKit.GROUP, queue, 1);

        settle();

        assertThat(kit.offsets.find(PopKit.GROUP, queue)).isEqualTo(1);
        assertThat(texts(kit.pop(8, MINUTE, false, null))).containsExactly("m1", "m2");
    }

    /** Ten pops: without regard to priorities one of them at least would begin with another queue. */
    @Test
    void givesTheHighestQueueOfATopicWithPrioritiesFirst() {
        kit = new PopKit(true, 4, 1);
        withPriorities(null);
        List<String> order = new ArrayList<>();
        for (int turn = 0; turn < 10; turn++) {
            for (int queue = 0; queue < 4; queue++) kit.send(queue, "priority" + queue);
            for (int i = 0; i < 4; i++) order.addAll(texts(kit.pop(1, MINUTE, false, null)));
        }

        assertThat(order.subList(0, 4)).containsExactly("priority3", "priority2", "priority1", "priority0");
        assertThat(order).hasSize(40);
        for (int turn = 0; turn < 10; turn++)
            assertThat(order.subList(4 * turn, 4 * turn + 4)).isEqualTo(order.subList(0, 4));
    }

    @Test
    void looksAtPrioritiesAsOftenAsTheGroupWants() {
        kit = new PopKit(true, 4, 1);
        withPriorities("{\"attributes\":{\"priority.factor\":\"0\"}}");
        for (int i = 0; i < 40; i++) {
            for (int queue = 0; queue < 4; queue++) kit.send(queue, "priority" + queue);
        }
        List<String> firsts = new ArrayList<>();
        for (int i = 0; i < 40; i++) firsts.addAll(texts(kit.pop(1, MINUTE, false, null)));

        assertThat(firsts).contains("priority0", "priority1", "priority2", "priority3");
    }

    private void withPriorities(@Nullable String ofGroup) {
        Topic usual = Objects.requireNonNull(kit.tables.topics().find(PopKit.TOPIC.value()));
        Topic topic = new Topic(
                usual.name(),
                usual.readQueues(),
                usual.writeQueues(),
                usual.perm(),
                usual.multiTag(),
                usual.sysFlag(),
                usual.order(),
                Map.of("message.type", "PRIORITY"));
        kit.tables.topics(kit.tables.topics().with(topic, 1));
        ConsumerGroup group = Objects.requireNonNull(kit.tables.groups().find(PopKit.GROUP.value()));
        kit.tables.groups(kit.tables.groups().with(group.withOtherFields(ofGroup), 1));
    }

    @Test
    void refusesAGroupThatHadItsMessagesOfThisSecond() {
        kit.groupRates = Map.of(PopKit.GROUP.value(), 2L);
        kit.kill();
        for (int i = 0; i < 8; i++) kit.send(0, "m" + i);
        assertThat(kit.pop(8, MINUTE, false, null)).isNotEmpty();
        List<PopOutcome> answers = new ArrayList<>();

        kit.pops.pop(waiting(PopRequest.ANY_QUEUE), PopKit.CHANNEL, answers::add);

        assertThat(answers)
                .singleElement()
                .isInstanceOfSatisfying(
                        PopOutcome.Refuse.class,
                        refuse -> assertThat(refuse.refused().refusal()).isEqualTo(Refusal.FLOW_CONTROL));
    }

    @Test
    void saysWhenTooManyWait() {
        List<PopOutcome> answers = new ArrayList<>();
        for (int i = 0; i < PopKit.MOST_WAITING_PER_QUEUE; i++) {
            kit.pops.pop(waiting(0), PopKit.CHANNEL, answers::add);
        }
        assertThat(answers).isEmpty();

        kit.pops.pop(waiting(0), PopKit.CHANNEL, answers::add);

        assertThat(answers).containsExactly(new PopOutcome.Nothing(true));
    }

    @Test
    void answersAPopThatWaitsWhenItsTimeIsOver() {
        List<PopOutcome> answers = new ArrayList<>();
        kit.pops.pop(waiting(0), PopKit.CHANNEL, answers::add);
        assertThat(kit.pops.someWait()).isTrue();

        kit.clock.advance(Duration.ofMillis(10_000 + 10_000 / 64)); // see HoldDeadline
        kit.go();

        assertThat(answers).containsExactly(new PopOutcome.Nothing(false));
        assertThat(kit.pops.someWait()).isFalse();
        assertThat(kit.pops.nextNanos()).as("nothing is planned").isNull();
    }

    private byte[] checkpointOfApache(long popMillis) {
        return new PopCheckpointBody(
                        0, popMillis, MINUTE, 0, 0, PopKit.TOPIC.value(), PopKit.GROUP.value(), List.of(0, 1), "b")
                .write();
    }

    /** Two messages that Apache's broker gave out and acked one of; its timer lets that out a second too early and in time. */
    private void takeOverFromApache() {
        kit.send(0, "acked");
        kit.send(0, "held");
        kit.offsets.commit(PopKit.GROUP, new QueueId(PopKit.TOPIC, 0), 2);
        kit.lateUntilMillis = kit.clock.wallMillis() + 10 * MINUTE;
        kit.kill();
        long popMillis = kit.clock.wallMillis();
        kit.clock.advance(Duration.ofMillis(MINUTE - 1_000));
        kit.revive(1, "ck", checkpointOfApache(popMillis));
        kit.go();
        kit.clock.advance(Duration.ofSeconds(1));
        kit.revive(
                1,
                "ack",
                new PopAckBody(List.of(0L), 0, PopKit.GROUP.value(), PopKit.TOPIC.value(), 0, popMillis, "b").write());
        kit.go();
    }

    @Test
    void bringsBackWhatApachesTimerLetsOutWhileWeRun() {
        takeOverFromApache();
        assertThat(kit.pop(8, MINUTE, false, null))
                .as("its acks may be on their way")
                .isEmpty();

        kit.clock.advance(Duration.ofSeconds(3));
        kit.go();
        kit.answerAll();
        kit.go();

        assertThat(texts(kit.pop(8, MINUTE, false, null))).containsExactly("held");
    }

    @Test
    void keepsWhatApachesTimerLetOutThroughAKill() {
        takeOverFromApache();
        kit.pop(8, MINUTE, false, null); // writes nothing, but what it settles must not pass the checkpoint
        settle();
        kit.kill();

        kit.clock.advance(Duration.ofSeconds(3));
        kit.go();
        kit.answerAll();
        kit.go();

        assertThat(texts(kit.pop(8, MINUTE, false, null))).containsExactly("held");
    }

    @Test
    void readsRetryTopicsOfTheNewerForm() {
        TopicName retry = new TopicName("%RETRY%" + PopKit.GROUP + "+" + PopKit.TOPIC);
        kit.tables.topics(kit.tables.topics().with(Topic.of(retry, 1, 6), 1));
        kit.send(retry, 0, "again");

        List<PopKit.Got> got = kit.pop(8, MINUTE, false, null);

        assertThat(texts(got)).containsExactly("again");
        assertThat(got.get(0).receipt().retry()).isEqualTo(2);
        kit.ack(got.get(0));
        settle();
        assertThat(kit.inFlight.held()).isZero();
        assertThat(kit.offsets.find(PopKit.GROUP, new QueueId(retry, 0))).isEqualTo(1);
    }

    @Test
    void makesADeadLetterOfAMessageThatIsHeldInOrder() {
        kit.send(0, "bad");
        kit.send(0, "good");
        List<PopKit.Got> got = kit.pop(1, MINUTE, true, null);

        var done = kit.deadLetter(got.get(0));
        for (int i = 0; i < 5 && !done.isComplete(); i++) {
            kit.go();
            kit.answerAll();
        }

        assertThat(done.succeeded()).isTrue();
        assertThat(kit.deadLetters()).containsExactly("bad");
        assertThat(texts(kit.pop(8, MINUTE, true, null))).containsExactly("good");
    }

    @Test
    void knowsAcksInOrderAfterAKillThoughTheLastWasNotFlushed() {
        kit = new PopKit(false, 1, 1);
        for (int i = 0; i < 3; i++) kit.send(0, "m" + i);
        kit.ack(kit.pop(1, MINUTE, true, null).get(0));
        List<PopKit.Got> second = kit.pop(1, MINUTE, true, null);
        kit.answerAll();
        kit.store.flusher().flush();
        kit.ack(second.get(0));
        kit.answerAll();
        kit.pops.settle();

        kit.kill();

        assertThat(texts(kit.pop(8, MINUTE, true, null))).containsExactly("m2");
    }

    /** The log refuses the copy of a dead letter for good. */
    private Refused deadLetterThatFitsNoFile(PopKit.Got got) {
        Future<Void> done = kit.deadLetter(got);
        kit.answerAll();
        while (kit.appends.isEmpty()) kit.go(); // its topic is made first
        kit.refuse(kit.appends.remove(), StoreException.Kind.TOO_LARGE);
        kit.answerAll();
        return refusalOf(done);
    }

    @Test
    void saysThatADeadLetterFitsNoFileOfTheLogAndHoldsItOn() {
        kit.send(0, "a");
        PopKit.Got got = kit.pop(1, MINUTE, false, null).get(0);

        assertThat(deadLetterThatFitsNoFile(got).refusal()).isEqualTo(Refusal.MESSAGE_TOO_LARGE);

        assertThat(kit.inFlight.held()).isOne();
        assertThat(kit.change(got, MINUTE).failed()).as("its receipt is void").isFalse();
    }

    @Test
    void bringsADeadLetterThatFitsNoFileBackWhenItsTimeEndedMeanwhile() {
        kit.send(0, "a");
        PopKit.Got got = kit.pop(1, MINUTE, false, null).get(0);
        kit.answerAll();
        kit.deadLetter(got);
        while (kit.appends.isEmpty()) kit.go();
        kit.clock.advance(Duration.ofMillis(MINUTE));
        kit.go();
        kit.refuse(kit.appends.remove(), StoreException.Kind.TOO_LARGE);
        kit.answerAll();
        for (int i = 0; i < 3; i++) kit.go(); // the retry topic is made first
        kit.answerAll();

        assertThat(texts(kit.pop(1, MINUTE, false, null))).containsExactly("a");
    }

    @Test
    void saysThatADeadLetterInOrderFitsNoFileOfTheLogAndHoldsItOn() {
        kit.send(0, "a");
        PopKit.Got got = kit.pop(1, MINUTE, true, null).get(0);

        assertThat(deadLetterThatFitsNoFile(got).refusal()).isEqualTo(Refusal.MESSAGE_TOO_LARGE);

        kit.answerAll();
        assertThat(kit.inFlight.held()).isOne();
        kit.ack(got);
        kit.answerAll();
        assertThat(kit.inFlight.held()).isZero();
    }

    @Test
    void givesAgainAtOnceWhatReachedNobodyInOrder() {
        kit.send(0, "m0");
        kit.send(0, "m1");
        List<PopOutcome> answers = new ArrayList<>();
        PopRequest ordered = new PopRequest(
                PopRequest.Kind.POP,
                PopKit.GROUP.value(),
                PopKit.TOPIC.value(),
                0,
                8,
                MINUTE,
                0,
                0,
                false,
                null,
                null,
                true,
                null);
        kit.pops.pop(ordered, PopKit.CHANNEL, answers::add);
        assertThat(kit.pop(8, MINUTE, true, null)).as("held").isEmpty();

        kit.pops.giveBack(PopKit.GROUP.value(), ((PopOutcome.Found) answers.get(0)).popped());

        assertThat(texts(kit.pop(8, MINUTE, true, null))).containsExactly("m0", "m1");
    }

    @Test
    void bringsBackWhatIsHeldOfALogThatIsToBeDeleted() {
        long end = kit.send(0, "m0").endPosition();
        kit.send(0, "later");
        List<PopKit.Got> got = kit.pop(1, MINUTE, false, null);
        assertThat(texts(got)).containsExactly("m0");

        assertThat(kit.pops.makeWay(end)).isFalse();
        for (int i = 0; i < 5; i++) {
            kit.go();
            kit.answerAll();
        }

        assertThat(kit.pops.makeWay(end)).isTrue();
        assertThat(texts(kit.pop(8, MINUTE, false, null))).containsExactlyInAnyOrder("m0", "later");
    }

    @Test
    void doesNotKeepAFullDiskFromBeingCleaned() {
        long end = kit.send(0, "m0").endPosition();
        kit.pop(1, MINUTE, false, null);
        kit.answerAll();
        kit.pops.makeWay(end);
        kit.go(); // Asks for the retry topic, then tries a copy.
        kit.go();
        kit.append(true);
        kit.answer();

        assertThat(kit.pops.makeWay(end)).isTrue();
    }

    @Test
    void losesNothingWhenThePowerFailsBetweenAPopAndItsFlush() {
        for (int seed = 0; seed < 20; seed++) {
            kit = new PopKit(false, 1, seed);
            kit.send(0, "a");
            kit.store.flusher().flush();
            kit.pop(1, MINUTE, false, null);
            kit.answerAll();
            kit.pops.settle();
            kit.offsets.force();

            kit.cutPower(seed);
            kit.clock.advance(Duration.ofMillis(MINUTE));
            kit.go(); // makes the retry topic
            kit.go();
            kit.answerAll();

            assertThat(texts(kit.pop(8, MINUTE, false, null)))
                    .as("seed %s", seed)
                    .containsExactly("a");
        }
    }

    private List<PopOutcome> popNow() {
        List<PopOutcome> answers = new ArrayList<>();
        kit.pops.pop(waiting(PopRequest.ANY_QUEUE), PopKit.CHANNEL, answers::add);
        return answers;
    }

    private static Refused refusalOf(Future<?> failed) {
        assertThat(failed.failed()).isTrue();
        return LocalSends.refusalOf(failed.cause());
    }

    private static final Refused STOPPING = new Refused(Refusal.NOT_WRITABLE, "the broker is stopping");

    @Test
    void givesOutNothingWhileItStops() {
        kit.send(0, "a");
        kit.pops.release();

        assertThat(popNow()).containsExactly(new PopOutcome.Refuse(STOPPING));
        assertThat(kit.inFlight.held()).isZero();
        assertThat(kit.appends).isEmpty();
    }

    @Test
    void stopsWhenTheLogHasAnsweredAndTakesAcksUntilThen() {
        kit.send(0, "a");
        kit.send(0, "b");
        List<PopKit.Got> got = kit.pop(2, MINUTE, false, null);
        kit.pops.release();
        assertThat(kit.pops.close()).as("its checkpoint is under way").isFalse();
        Future<Void> ack = kit.ack(got.get(0));
        kit.append(false);
        kit.answer();
        assertThat(kit.pops.close()).as("its ack is under way").isFalse();
        kit.answerAll();
        assertThat(ack.succeeded()).isTrue();
        assertThat(kit.pops.close()).isTrue();

        assertThat(refusalOf(kit.ack(got.get(1)))).isEqualTo(STOPPING);
        assertThat(refusalOf(kit.change(got.get(1), 1))).isEqualTo(STOPPING);
        assertThat(kit.appends).isEmpty();
    }

    @Test
    void refusesDeadLettersThatItCannotMakeAsItStops() {
        kit.send(0, "a");
        kit.send(0, "b");
        List<PopKit.Got> got = kit.pop(2, MINUTE, false, null);
        Future<Void> waits = kit.deadLetter(got.get(0));
        kit.pops.release();

        assertThat(refusalOf(waits)).isEqualTo(STOPPING);
        assertThat(refusalOf(kit.deadLetter(got.get(1)))).isEqualTo(STOPPING);
    }

    @Test
    void offersWhatAFullLogRefusedAgainAfterPausesThatGrow() {
        kit.send(0, "a");
        kit.pop(1, MINUTE, false, null);
        for (int pauseMillis : new int[] {100, 200, 400}) {
            kit.append(true);
            kit.answer();
            kit.go();
            assertThat(kit.appends).as("at once").isEmpty();
            kit.clock.advance(Duration.ofMillis(pauseMillis - 1));
            kit.go();
            assertThat(kit.appends).as("before " + pauseMillis + " ms").isEmpty();
            kit.clock.advance(Duration.ofMillis(1));
            kit.go();
            assertThat(kit.appends).as("after " + pauseMillis + " ms").hasSize(1);
        }
        kit.answerAll();
        kit.go();

        assertThat(kit.appends).isEmpty();
        kit.kill();
        assertThat(kit.inFlight.held()).as("known after a kill").isEqualTo(1);
    }

    @Test
    void aMessageThatFitsNoFileOfTheLogHoldsUpNoOther() {
        kit.send(0, "large");
        kit.send(0, "small");
        kit.pop(2, 1_000, false, null);
        kit.answerAll();
        kit.clock.advance(Duration.ofSeconds(1));
        kit.go();
        while (kit.appends.isEmpty()) {
            // its retry topic is made first
            kit.go();
        }
        kit.refuse(kit.appends.remove(), StoreException.Kind.TOO_LARGE);
        kit.answerAll();
        kit.go();
        kit.answerAll();

        assertThat(kit.pop(2, MINUTE, false, null)).as("the other").hasSize(1);
        assertThat(kit.inFlight.held()).isEqualTo(1);
    }
}
