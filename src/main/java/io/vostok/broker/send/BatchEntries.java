package io.vostok.broker.send;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes a batch body apart (remoting reference 4.6). Lengths are believed only after they were checked. */
public final class BatchEntries {
    private static final int FIXED_BYTES = 4 + 4 + 4 + 4 + 4 + 2;

    private final List<Entry> entries;
    private final @Nullable Refused refused;

    /** One message of a batch; both ranges lie within the batch body and share its life. */
    public record Entry(int flag, ByteBuffer body, ByteBuffer properties) {}

    private BatchEntries(List<Entry> entries, @Nullable Refused refused) {
        this.entries = entries;
        this.refused = refused;
    }

    /** Reads the batch from position to limit; what is wrong with it is in {@link #refused()}. */
    public static BatchEntries read(ByteBuffer batch) {
        List<Entry> entries = new ArrayList<>();
        int at = batch.position();
        while (at < batch.limit()) {
            int left = batch.limit() - at;
            if (left < FIXED_BYTES)
                return broken(entries.size(), left + " bytes are left, an entry has at least " + FIXED_BYTES);
            int total = batch.getInt(at);
            if (total < FIXED_BYTES || total > left) {
                return broken(entries.size(), "it claims " + total + " bytes, " + left + " are left");
            }
            int flag = batch.getInt(at + 12);
            int bodyBytes = batch.getInt(at + 16);
            if (bodyBytes < 1 || bodyBytes > total - FIXED_BYTES) {
                return broken(entries.size(), "it claims a body of " + bodyBytes + " bytes in an entry of " + total);
            }
            int bodyStart = at + 20;
            int propertiesBytes = batch.getShort(bodyStart + bodyBytes);
            if (propertiesBytes < 0 || propertiesBytes != total - FIXED_BYTES - bodyBytes) {
                return broken(
                        entries.size(),
                        "its properties claim " + propertiesBytes + " bytes, " + (total - FIXED_BYTES - bodyBytes)
                                + " are left");
            }
            entries.add(new Entry(
                    flag, batch.slice(bodyStart, bodyBytes), batch.slice(bodyStart + bodyBytes + 2, propertiesBytes)));
            at += total;
        }
        return new BatchEntries(entries, null);
    }

    private static BatchEntries broken(int index, String what) {
        return new BatchEntries(
                List.of(),
                new Refused(Refusal.MESSAGE_ILLEGAL, "message " + index + " of the batch is broken: " + what));
    }

    /** Returns why the batch cannot be taken, or null. */
    public @Nullable Refused refused() {
        return refused;
    }

    public List<Entry> entries() {
        return entries;
    }
}
