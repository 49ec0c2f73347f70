package io.vostok.front.http;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects request bodies of one event loop: each bounded in size and in time, all together in memory. Used only on that
 * loop.
 */
final class Bodies {
    private static final long LINGER_MILLIS = 500;

    private final Vertx vertx;
    private final int largest;
    private final long mostHeld;
    private final Duration patience;
    private final AtomicLong held = new AtomicLong();

    Bodies(Vertx vertx, int largest, long mostHeld, Duration patience) {
        this.vertx = vertx;
        this.largest = largest;
        this.mostHeld = mostHeld;
        this.patience = patience;
    }

    /** Returns how many bytes wait for the rest of their bodies or to be answered. Any thread. */
    long held() {
        return held.get();
    }

    /**
     * Hands the whole body to {@code then}; its bytes count as held until the answer ends. One that is too large or too
     * slow is answered here.
     */
    void read(RoutingContext request, Consumer<Buffer> then) {
        Reading reading = new Reading(request, then);
        reading.start();
    }

    private final class Reading {
        private final RoutingContext request;
        private final Consumer<Buffer> then;
        private final Buffer body = Buffer.buffer();
        private final long timer;
        private boolean done;

        Reading(RoutingContext request, Consumer<Buffer> then) {
            this.request = request;
            this.then = then;
            this.timer = vertx.setTimer(
                    patience.toMillis(),
                    id -> breakOff(new Problem(
                            408,
                            "request-timeout",
                            1,
                            "the body was not complete in time",
                            "send it faster; limits.unfinishedFrameTime is the bound",
                            0)));
        }

        void start() {
            HttpServerRequest incoming = request.request();
            incoming.exceptionHandler(failure -> finish());
            incoming.handler(this::take);
            incoming.endHandler(end -> complete());
            long announced = announced(incoming);
            if (announced > largest) {
                breakOff(tooLarge());
                return;
            }
            if (announced > 0 && held.get() + announced > mostHeld) {
                breakOff(busy());
                return;
            }
            request.addEndHandler(end -> release());
            if (incoming.version() != HttpVersion.HTTP_1_0
                    && "100-continue".equalsIgnoreCase(incoming.getHeader("expect"))) {
                incoming.response().writeContinue();
            }
        }

        private void take(Buffer piece) {
            if (done) return;
            if (body.length() + piece.length() > largest) {
                breakOff(tooLarge());
            } else if (held.get() + piece.length() > mostHeld) {
                breakOff(busy());
            } else {
                held.addAndGet(piece.length());
                body.appendBuffer(piece);
            }
        }

        private void complete() {
            if (done) return;
            finish();
            Answers.guarded(request, () -> then.accept(body));
        }

        private void release() {
            finish();
            held.addAndGet(-body.length());
        }

        private void finish() {
            done = true;
            vertx.cancelTimer(timer);
        }

        /**
         * Answers before the body is complete; then the connection ends. Not at once: what still comes in would be answered
         * by a reset, which takes the answer from the client before it was read.
         */
        private void breakOff(Problem problem) {
            if (done) return;
            finish();
            request.response().putHeader("connection", "close");
            Answers.problem(request, problem);
            vertx.setTimer(LINGER_MILLIS, id -> request.request().connection().close());
        }

        private Problem tooLarge() {
            return Problem.tooLarge("the body is larger than " + largest + " bytes (http.maxBodyBytes)");
        }

        private Problem busy() {
            return Problem.busy("request bodies of " + held.get() + " bytes are being read already");
        }
    }

    private static long announced(HttpServerRequest request) {
        @Nullable String length = request.getHeader("content-length");
        if (length == null) return -1;
        try {
            return Long.parseLong(length);
        } catch (NumberFormatException e) {
            return -1; // Netty refuses such a request before it comes here
        }
    }
}
