package io.vostok.broker.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.pull.PullAnswer.Outcome;
import io.vostok.store.ReadStatus;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PullAnswersTest {
    private static PullAnswer answer(ReadStatus status, int count, long offset, long min, long max, long next) {
        return PullAnswers.of(status, count, offset, min, max, next);
    }

    @Test
    void goesOnAfterTheLastScannedMessageWhenSomeWereFound() {
        assertThat(answer(ReadStatus.FOUND, 2, 5, 0, 100, 9)).isEqualTo(new PullAnswer(Outcome.FOUND, 9, false));
    }

    @Test
    void asksToRetryWhenAllWereFiltered() {
        assertThat(answer(ReadStatus.NONE_MATCHED, 0, 5, 0, 100, 50))
                .isEqualTo(new PullAnswer(Outcome.RETRY_IMMEDIATELY, 50, false));
    }

    @Test
    void asksToRetryBehindMessagesBeingRemoved() {
        assertThat(answer(ReadStatus.REMOVED, 0, 5, 0, 100, 50))
                .isEqualTo(new PullAnswer(Outcome.RETRY_IMMEDIATELY, 50, false));
    }

    @Test
    void waitsRatherThanRetryingWithoutAdvance() {
        assertThat(answer(ReadStatus.REMOVED, 0, 5, 0, 100, 5)).isEqualTo(new PullAnswer(Outcome.NOT_FOUND, 5, true));
    }

    @Test
    void waitsAtTheStartOfAnUnknownQueue() {
        assertThat(answer(ReadStatus.EMPTY, 0, 0, 0, 0, 0)).isEqualTo(new PullAnswer(Outcome.NOT_FOUND, 0, true));
    }

    @Test
    void movesToZeroInAnUnknownQueue() {
        assertThat(answer(ReadStatus.EMPTY, 0, 7, 0, 0, 0)).isEqualTo(new PullAnswer(Outcome.OFFSET_MOVED, 0, false));
    }

    @Test
    void waitsAtTheEnd() {
        assertThat(answer(ReadStatus.AT_END, 0, 7, 0, 7, 7)).isEqualTo(new PullAnswer(Outcome.NOT_FOUND, 7, true));
    }

    @Test
    void skipsAHoleWithoutWaiting() {
        assertThat(answer(ReadStatus.HOLE, 0, 7, 0, 100, 20)).isEqualTo(new PullAnswer(Outcome.NOT_FOUND, 20, false));
    }

    @Test
    void movesBackFromBeyondTheEnd() {
        assertThat(answer(ReadStatus.BEYOND_END, 0, 9, 2, 7, 7))
                .isEqualTo(new PullAnswer(Outcome.OFFSET_MOVED, 7, false));
    }

    @Test
    void movesForwardFromBelowTheStart() {
        assertThat(answer(ReadStatus.BELOW_START, 0, 1, 2, 7, 2))
                .isEqualTo(new PullAnswer(Outcome.OFFSET_MOVED, 2, false));
    }

    @Test
    void neverLetsAClientSpinOrGoBackWhateverTheReadSays() {
        Random random = new Random(11);
        List<ReadStatus> statuses = List.of(ReadStatus.values());
        for (int step = 0; step < 20_000; step++) {
            ReadStatus status = statuses.get(random.nextInt(statuses.size()));
            int count = random.nextInt(3);
            long offset = random.nextLong(12) - 1;
            PullAnswer answer =
                    answer(status, count, offset, random.nextInt(10), random.nextInt(10), random.nextInt(12));
            String what = status + " count=" + count + " offset=" + offset + " " + answer;
            long next = answer.nextBeginOffset();
            switch (answer.outcome()) {
                case FOUND -> assertThat(count > 0 && next > offset).as(what).isTrue();
                case RETRY_IMMEDIATELY -> assertThat(next).as(what).isGreaterThan(offset);
                case OFFSET_MOVED -> assertThat(next).as(what).isNotEqualTo(offset);
                case NOT_FOUND -> {
                    assertThat(next).as(what).isGreaterThanOrEqualTo(offset);
                    // Answered at once and without advance, it would be asked again at once.
                    assertThat(answer.mayPark()).as(what).isEqualTo(next == offset);
                }
            }
        }
    }
}
