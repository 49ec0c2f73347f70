package io.vostok.store;

import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.file.Disk;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Where each queue started when the log last lost its oldest segment: below it are the offsets whose messages are gone, and
 * no others. Units behind a queue's end may be left from a log that a power cut took; as long as the log reaches back to
 * where they point it can tell, and then only this can (StoreSim seed 6844).
 *
 * <p>Read while opening, written by the housekeeping thread.
 * <p>Bytes: {@code docs/formats/queue-starts.md}.
 */
final class QueueStarts {
    static final String PATH = "vostok-queue-starts";

    private static final long MAGIC = 0x564F_5354_4F4B_5153L; // "VOSTOKQS"
    private static final int HEAD_BYTES = 8 + 8 + 4;
    private static final int ENTRY_BYTES = 2 + 4 + 8;
    private static final int CHECKSUM_BYTES = 4;

    private final Disk disk;
    private final StoreEvents events;
    private final Map<QueueId, Long> starts = new HashMap<>();
    private long firstPosition;

    QueueStarts(Disk disk, StoreEvents events) {
        this.disk = disk;
        this.events = events;
        byte[] content = disk.read(PATH);
        if (content == null) return;
        if (intact(content)) read(ByteBuffer.wrap(content));
        else events.warn("queue starts dropped file=" + PATH + " length=" + content.length + " reason=checksum");
    }

    /** Tells whether a unit that points to {@code position} cannot be of a message that {@code queue} ever had. */
    boolean contradict(QueueId queue, long offset, long position) {
        return position < firstPosition && offset >= starts.getOrDefault(queue, 0L);
    }

    /**
     * Notes durably where the queues start once the log does not reach back beyond {@code position}; to be done before it
     * loses what is there. A disk that takes no file does not keep the log from shrinking: then it stays as before, which
     * is less than could be known and nothing wrong.
     */
    void note(long position, Collection<ConsumeQueue> queues) {
        try {
            disk.replace(PATH, encode(position, queues));
        } catch (StoreException e) {
            events.warn("queue starts not written file=" + PATH + " reason=\"" + e.getMessage() + "\"");
        }
    }

    private static byte[] encode(long position, Collection<ConsumeQueue> queues) {
        List<QueueId> ids = new ArrayList<>();
        List<byte[]> topics = new ArrayList<>();
        List<Long> offsets = new ArrayList<>();
        int bytes = HEAD_BYTES + CHECKSUM_BYTES;
        for (ConsumeQueue queue : queues) {
            long start = queue.firstPointingFrom(queue.minOffset(), position);
            if (start == 0) continue;
            byte[] topic = queue.id().topic().value().getBytes(StandardCharsets.UTF_8);
            ids.add(queue.id());
            topics.add(topic);
            offsets.add(start);
            bytes += ENTRY_BYTES + topic.length;
        }
        ByteBuffer content = ByteBuffer.allocate(bytes);
        content.putLong(MAGIC).putLong(position).putInt(ids.size());
        for (int i = 0; i < ids.size(); i++) {
            content.putShort((short) topics.get(i).length).put(topics.get(i));
            content.putInt(ids.get(i).index()).putLong(offsets.get(i));
        }
        return content.putInt(checksum(content.array())).array();
    }

    private void read(ByteBuffer content) {
        content.getLong();
        firstPosition = content.getLong();
        for (int left = content.getInt(); left > 0; left--) {
            byte[] topic = new byte[content.getShort()];
            content.get(topic);
            TopicName name = new TopicName(new String(topic, StandardCharsets.UTF_8));
            starts.put(new QueueId(name, content.getInt()), content.getLong());
        }
    }

    private static boolean intact(byte[] content) {
        if (content.length < HEAD_BYTES + CHECKSUM_BYTES) return false;
        ByteBuffer bytes = ByteBuffer.wrap(content);
        return bytes.getLong(0) == MAGIC && bytes.getInt(content.length - CHECKSUM_BYTES) == checksum(content);
    }

    private static int checksum(byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content, 0, content.length - CHECKSUM_BYTES);
        return (int) crc.getValue();
    }
}
