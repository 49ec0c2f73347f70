package io.vostok.bench;

import io.vostok.wire.frame.Encoding;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What one run does: what is measured, at which broker, with how many requests of what, and for how long. */
public record Plan(Mode mode, Aim aim, Load load, Content content, Take take, Span span) {
    /** What is measured. */
    public enum Mode {
        /** Sends; latency from the request to its answer. */
        SEND,
        /** Transactional sends, each committed once it is answered; latency of the first of the two. */
        TRANSACTION,
        /** Pulls everything from the first message on, again and again; latency of a pull. */
        PULL,
        /** Pops and acks each message; latency of a pop. */
        POP,
        /** Sends at a rate while pulls wait; latency from the moment a message was due to be sent to its arrival. */
        END_TO_END,
        /** Pulls that wait for a message that never comes; counts their answers. */
        HOLD
    }

    /**
     * Where to.
     *
     * @param nameServer {@code host:port}
     * @param queues of a topic that is made because it is missing
     */
    public record Aim(String nameServer, String topic, int queues) {
        public Aim {
            within("queues", queues, 1, 1 << 16);
        }
    }

    /**
     * How hard.
     *
     * @param connections opened to the broker
     * @param inFlight requests of one connection that wait for their answers
     * @param rate messages per second of all connections; 0 for as many as the broker takes
     * @param encoding of the headers of requests
     */
    public record Load(int connections, int inFlight, double rate, Encoding encoding) {
        public Load {
            within("connections", connections, 1, 28_000); // as many local ports as one address has
            within("in-flight", inFlight, 1, 1 << 16);
            if (!(rate >= 0)) throw new IllegalArgumentException("rate below zero: " + rate);
        }
    }

    /**
     * What is sent.
     *
     * @param bodyBytes of each message
     * @param batch messages of one send; 1 sends single messages
     * @param delayLevel of each message; 0 for none
     */
    public record Content(int bodyBytes, int batch, int delayLevel) {
        private static final int MOST_BYTES = 4 << 20;

        public Content {
            within("size", bodyBytes, 0, MOST_BYTES);
            within("batch", batch, 1, 1 << 16);
            within("delay-level", delayLevel, 0, 100);
            if ((long) batch * bodyBytes > MOST_BYTES) {
                throw new IllegalArgumentException(
                        "a batch has at most 4 MiB, was " + batch + " x " + bodyBytes + " bytes");
            }
            if (batch > 1 && delayLevel > 0) throw new IllegalArgumentException("a batch cannot have a delay");
        }
    }

    /**
     * What is taken.
     *
     * @param fetch most messages of one pull or pop
     * @param sql a condition on properties for pulls; null takes everything
     */
    public record Take(int fetch, @Nullable String sql) {
        public Take {
            within("fetch", fetch, 1, 1024);
        }
    }

    /**
     * How long.
     *
     * @param warmUp not measured
     */
    public record Span(Duration warmUp, Duration measured) {
        public Span {
            if (warmUp.isNegative()) throw new IllegalArgumentException("warm-up below zero: " + warmUp);
            if (measured.isNegative() || measured.isZero()) {
                throw new IllegalArgumentException("the measured time must be above zero, was " + measured);
            }
        }
    }

    private static final int MOST_POPPED = 32;

    public Plan {
        if (mode == Mode.POP) within("fetch", take.fetch(), 1, MOST_POPPED);
        if (mode == Mode.END_TO_END) {
            within("size", content.bodyBytes(), EndToEnd.STAMP_BYTES, Content.MOST_BYTES);
            if (load.rate() == 0) throw new IllegalArgumentException("end-to-end needs a rate");
        }
        if (content.batch() > 1 && mode != Mode.SEND)
            throw new IllegalArgumentException("batches are for the mode send");
    }

    private static void within(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(option + " must be from " + least + " to " + most + ", was " + value);
        }
    }
}
