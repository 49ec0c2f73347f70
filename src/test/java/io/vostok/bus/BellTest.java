package io.vostok.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vostok.kit.Await;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BellTest {
    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger looks = new AtomicInteger();

    @AfterEach
    void close() {
        Await.until("closed", Duration.ofSeconds(10), vertx.close()::isComplete);
    }

    @Test
    void isHeardAlsoWhenItWasRungBeforeAnybodyListened() {
        Bell bell = new Bell(vertx, "early");
        bell.ring();

        bell.hear(looks::incrementAndGet);
        Await.until("the early ring is heard", Duration.ofSeconds(10), () -> looks.get() == 1);
        bell.ring();

        Await.until("later rings are heard", Duration.ofSeconds(10), () -> looks.get() == 2);
        assertThat(looks).hasValue(2);
    }
}
