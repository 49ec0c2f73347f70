package io.vostok.bus;

import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Says "look again" to one verticle over the event bus; any number of rings before it looks are one message.
 *
 * <p>Any thread may {@link #ring()}; the verticle that hears runs on its own context. A bell carries nothing: whoever
 * hears it looks at the watermarks or tables itself.
 */
public final class Bell {
    private final Vertx vertx;
    private final String address;
    private final DeliveryOptions local = new DeliveryOptions().setLocalOnly(true);
    private final AtomicBoolean rung = new AtomicBoolean();

    public Bell(Vertx vertx, String address) {
        this.vertx = vertx;
        this.address = address;
    }

    /** Makes the hearer look again, soon. */
    public void ring() {
        if (!rung.get() && rung.compareAndSet(false, true)) vertx.eventBus().send(address, true, local);
    }

    /** Runs {@code look} on the calling verticle's context after each ring, also after one that came before this call. */
    public void hear(Runnable look) {
        vertx.eventBus().<Boolean>localConsumer(address, message -> answer(look));
        // A ring that found nobody was dropped by the bus, and would keep every later one silent.
        if (rung.get()) vertx.runOnContext(now -> answer(look));
    }

    /** Runs {@code look} on the calling verticle's context {@code delay} after the first ring; rings between are silent. */
    public void hearAfter(Duration delay, Runnable look) {
        long millis = Math.max(1, delay.toMillis());
        vertx.eventBus().<Boolean>localConsumer(address, message -> vertx.setTimer(millis, id -> answer(look)));
        if (rung.get()) vertx.setTimer(millis, id -> answer(look));
    }

    private void answer(Runnable look) {
        rung.set(false); // Before looking: a ring from now on may concern what the look has passed.
        look.run();
    }
}
