package io.vostok.service;

import io.vostok.broker.Refused;
import io.vostok.model.QueueId;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Takes encoded records to the log; {@link LogClient} is the one. One event loop. */
interface RecordSink {
    /** Returns why {@code sizeBytes} more cannot be taken now, or null when they can. */
    @Nullable
    Refused admission(int sizeBytes);

    /** Returns where to encode {@code sizeBytes}; followed by {@link #append} before anything else happens here. */
    ByteBuffer room(int sizeBytes);

    /** Appends what was encoded as {@code count} records of {@code queue}; {@code listener} hears the outcome once. */
    void append(QueueId queue, int sizeBytes, int count, AppendListener listener);

    /** Runs {@code work} when the current turn of the event loop is over. */
    void afterTurn(Runnable work);
}
