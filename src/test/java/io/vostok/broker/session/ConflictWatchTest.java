package io.vostok.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.time.ManualClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConflictWatchTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final ManualClock clock = new ManualClock(0);
    private final ConflictWatch watch = new ConflictWatch(MINUTE);

    private static Conflict in(String group) {
        return new Conflict(group, Conflict.Kind.TOPICS, "a", "b", "members `a` and `b` of " + group + " differ");
    }

    private List<Conflict> look(Conflict... conflicts) {
        return watch.look(List.of(conflicts), clock.monotonicNanos());
    }

    @Test
    void tellsOnceAMinuteAsLongAsItLasts() {
        int told = look(in("g")).size();
        for (int second = 0; second < 5 * 60; second++) {
            clock.advance(Duration.ofSeconds(1));
            told += look(in("g")).size();
        }
        assertThat(told).isEqualTo(5);
    }

    @Test
    void doesNotTellOfMembersThatChangeOneAfterTheOther() {
        look(in("g"));
        clock.advance(MINUTE.minusMillis(1));
        assertThat(look(in("g"))).isEmpty();
        assertThat(look()).isEmpty();
        clock.advance(Duration.ofMillis(1));
        assertThat(look(in("g"))).as("it is another one").isEmpty();
    }

    @Test
    void tellsOfEachGroupAtItsOwnTime() {
        look(in("g"));
        clock.advance(Duration.ofSeconds(30));
        look(in("g"), in("h"));
        clock.advance(Duration.ofSeconds(30));
        assertThat(look(in("g"), in("h"))).containsExactly(in("g"));
        clock.advance(Duration.ofSeconds(30));
        assertThat(look(in("g"), in("h"))).containsExactly(in("h"));
    }

    @Test
    void wantsToLookAgainWhenTheNextIsToBeTold() {
        assertThat(watch.nextNanos()).isNull();
        look(in("g"));
        clock.advance(Duration.ofSeconds(30));
        look(in("g"), in("h"));
        assertThat(watch.nextNanos()).isEqualTo(MINUTE.toNanos());
        look();
        assertThat(watch.nextNanos()).isNull();
    }
}
