package io.vostok.store;

import io.vostok.store.file.Disk;
import org.jspecify.annotations.Nullable;

/**
 * Which queue files are mapped: so many at a time and no more, however many queues there are, for a process may hold some ten
 * thousand mappings only. Whoever maps one more lets go of one that was not used lately (a clock with a second chance).
 * Any thread; its lock is held for a look at some places of an array and never while a file is touched.
 *
 * <p>Letting go loses nothing and makes nothing durable: what was written stays with the system, and the next checkpoint
 * forces the file by its path (decision 0016).
 */
final class QueueMappings {
    final Disk disk;
    final int fileUnits;
    private final QueueFile[] mapped;
    private int count;
    private int hand;

    /**
     * @param fileUnits units of every queue file
     * @param most files that are mapped at a time
     */
    QueueMappings(Disk disk, int fileUnits, int most) {
        this.disk = disk;
        this.fileUnits = fileUnits;
        this.mapped = new QueueFile[most];
    }

    int fileBytes() {
        return fileUnits * QueueFile.UNIT;
    }

    /** Takes up a file that was just mapped. The caller holds no monitor of a queue file. */
    void add(QueueFile file) {
        @Nullable QueueFile gone = replaceOne(file);
        if (gone != null) gone.unmap();
    }

    private synchronized @Nullable QueueFile replaceOne(QueueFile file) {
        if (file.closed()) return null;
        if (count < mapped.length) {
            place(file, count++);
            return null;
        }
        // Ends: a round at most clears the marks that are not set again meanwhile, and two rounds are enough then.
        for (int looked = 0; ; looked++) {
            hand = hand + 1 == count ? 0 : hand + 1;
            QueueFile candidate = mapped[hand];
            if (candidate.takeUsed() && looked < 2 * count) continue;
            candidate.slot = QueueFile.NO_SLOT;
            place(file, hand);
            return candidate;
        }
    }

    /** Forgets a file that is no longer mapped, or is about to be unmapped. */
    synchronized void remove(QueueFile file) {
        int slot = file.slot;
        if (slot == QueueFile.NO_SLOT) return;
        file.slot = QueueFile.NO_SLOT;
        QueueFile last = mapped[--count];
        if (last != file) place(last, slot);
        if (hand >= count) hand = 0;
    }

    private void place(QueueFile file, int slot) {
        mapped[slot] = file;
        file.slot = slot;
    }
}
