package io.vostok.broker.transaction;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.delay.DelayRules;
import io.vostok.broker.transaction.EndTransaction.Outcome;
import io.vostok.model.MessageProperties;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.QueueId;
import io.vostok.model.SysFlag;
import io.vostok.model.TopicName;
import io.vostok.store.timer.DelayQueues;
import io.vostok.store.transaction.CheckSchedule;
import io.vostok.store.transaction.HalfMessages;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TransactionRulesTest {
    private static final QueueId ORDERS = new QueueId(new TopicName("orders"), 3);
    private static final String HALVES = HalfMessages.HALVES.topic().value();
    private static final long BORN = 1_700_000_000_000L;

    private final TransactionRules rules = new TransactionRules(
            new DelayRules(18, java.time.Duration.ofDays(30), "broker-a"), new CheckSchedule(6_000, 30_000, 15), 10);
    private final PropertiesEditor properties =
            new PropertiesEditor().put(MessageProperties.TRAN_MSG, "true").put(MessageProperties.PGROUP, "payers");

    @Test
    void thePropertyMakesAMessageTransactional() {
        assertThat(TransactionRules.transactional(properties, 0)).isTrue();
        assertThat(TransactionRules.transactional(properties.put(MessageProperties.TRAN_MSG, "false"), 0))
                .isFalse();
        assertThat(TransactionRules.transactional(new PropertiesEditor(), 0)).isFalse();
    }

    @Test
    void aMessageThatFailedAtAConsumerIsNotTransactionalAgain() {
        properties.put(MessageProperties.DELAY, "3");
        assertThat(TransactionRules.transactional(properties, 1)).isFalse();
        assertThat(TransactionRules.transactional(properties, 0)).isTrue();
    }

    @Test
    void aHalfMessageRemembersWhereItGoes() {
        assertThat(prepare(0).value()).isEqualTo(HalfMessages.HALVES);
        assertThat(properties.get(MessageProperties.REAL_TOPIC)).isEqualTo("orders");
        assertThat(properties.get(MessageProperties.REAL_QID)).isEqualTo("3");
        assertThat(properties.get(MessageProperties.TRANSACTION_ID)).isEqualTo("id");
    }

    @Test
    void refusesMoreThanMayBePending() {
        assertThat(prepare(9).refused()).isNull();
        Refused refused = requireNonNull(prepare(10).refused());
        assertThat(refused.refusal()).isEqualTo(Refusal.BUSY);
        assertThat(refused.words()).contains("transaction.maxPending");
    }

    @Test
    void refusesWhatCouldNeverBeDecided() {
        properties.remove(MessageProperties.PGROUP);
        assertThat(refusal(prepare(0).refused())).isEqualTo(Refusal.MESSAGE_ILLEGAL);
        properties.put(MessageProperties.PGROUP, "no group!");
        assertThat(refusal(prepare(0).refused())).isEqualTo(Refusal.MESSAGE_ILLEGAL);
        properties.put(MessageProperties.PGROUP, "payers").put(MessageProperties.DELAY, "soon");
        assertThat(refusal(prepare(0).refused())).isEqualTo(Refusal.MESSAGE_ILLEGAL);
    }

    @Test
    void aCommitGoesWhereTheMessageWasSent() {
        prepare(0);
        properties.put(MessageProperties.TRANSACTION_CHECK_TIMES, 2);

        assertThat(rules.commit(properties, 1).value()).isEqualTo(ORDERS);
        assertThat(properties.contains(MessageProperties.TRANSACTION_CHECK_TIMES))
                .isFalse();
        assertThat(properties.get(MessageProperties.TRAN_MSG)).isEqualTo("true");
        assertThat(TransactionRules.committed(SysFlag.COMPRESSED)).isEqualTo(SysFlag.COMPRESSED | 8);
    }

    @Test
    void aDelayBeginsWithTheCommit() {
        properties.put(MessageProperties.DELAY, "3");
        assertThat(prepare(0).value()).isEqualTo(HalfMessages.HALVES);

        assertThat(rules.commit(properties, 1).value()).isEqualTo(new QueueId(DelayQueues.TOPIC, 2));
        assertThat(properties.get(MessageProperties.REAL_TOPIC)).isEqualTo("orders");
        assertThat(properties.get(MessageProperties.REAL_QID)).isEqualTo("3");
    }

    @Test
    void aHalfMessageFromElsewhereMustNotLeadIntoTheBrokersOwnTopics() {
        prepare(0);
        properties.put(MessageProperties.REAL_TOPIC, HALVES);
        assertThat(refusal(rules.commit(properties, 1).refused())).isEqualTo(Refusal.FORBIDDEN);
    }

    @Test
    void checksThatTheWordIsAboutTheRecord() {
        EndTransaction end = end("payers", false);
        assertThat(rules.check(end, HALVES, 7, properties)).isNull();
        assertThat(refusal(rules.check(end, "orders", 7, properties))).isEqualTo(Refusal.FAILED);
        assertThat(refusal(rules.check(end, HALVES, 8, properties))).isEqualTo(Refusal.FAILED);
        assertThat(refusal(rules.check(end("others", false), HALVES, 7, properties)))
                .isEqualTo(Refusal.FAILED);
    }

    @Test
    void aWordOnAMessageThatAPowerCutTookDoesNotDecideTheOneInItsPlace() {
        properties.put(MessageProperties.UNIQ_KEY, "id1");
        assertThat(rules.check(endOf("id1"), HALVES, 7, properties)).isNull();
        assertThat(rules.check(endOf(""), HALVES, 7, properties))
                .as("a client that does not say")
                .isNull();
        assertThat(refusal(rules.check(endOf("id0"), HALVES, 7, properties))).isEqualTo(Refusal.FAILED);
    }

    private static EndTransaction endOf(String transactionId) {
        return new EndTransaction("payers", 7, 1_000, Outcome.COMMIT, false, transactionId);
    }

    @Test
    void afterATimeOfItsOwnOnlyAnAnswerToACheckIsTaken() {
        assertThat(rules.tooLate(end("payers", false), properties, BORN, BORN + 100_000))
                .isNull();
        properties.put(MessageProperties.CHECK_IMMUNITY_TIME_IN_SECONDS, "20");
        assertThat(rules.tooLate(end("payers", false), properties, BORN, BORN + 20_000))
                .isNull();
        assertThat(refusal(rules.tooLate(end("payers", false), properties, BORN, BORN + 20_001)))
                .isEqualTo(Refusal.ILLEGAL_OPERATION);
        assertThat(rules.tooLate(end("payers", true), properties, BORN, BORN + 20_001))
                .isNull();
    }

    @Test
    void knowsTheNumbersOfOutcomes() {
        assertThat(TransactionRules.outcome(8)).isEqualTo(Outcome.COMMIT);
        assertThat(TransactionRules.outcome(12)).isEqualTo(Outcome.ROLLBACK);
        assertThat(TransactionRules.outcome(0)).isEqualTo(Outcome.UNKNOWN);
        assertThat(TransactionRules.outcome(4)).isNull();
    }

    private Ruling<QueueId> prepare(int pending) {
        return rules.prepare(properties, ORDERS, "id", pending, 1);
    }

    private static EndTransaction end(String group, boolean fromCheck) {
        return new EndTransaction(group, 7, 1_000, Outcome.COMMIT, fromCheck, null);
    }

    private static @Nullable Refusal refusal(@Nullable Refused refused) {
        return refused == null ? null : refused.refusal();
    }
}
