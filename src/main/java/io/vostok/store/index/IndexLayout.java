package io.vostok.store.index;

/** Where things are in an index file (storage reference 4.1, 4.2; {@code docs/formats/key-index.md}). */
final class IndexLayout {
    static final int BEGIN_MILLIS = 0;
    static final int END_MILLIS = 8;
    static final int BEGIN_POSITION = 16;
    static final int END_POSITION = 24;
    static final int USED_SLOTS = 32;
    static final int COUNT = 36;
    static final int HEADER_BYTES = 40;

    static final int SLOT_BYTES = 4;
    static final int ENTRY_BYTES = 20;

    static final int ENTRY_HASH = 0;
    static final int ENTRY_POSITION = 4;
    static final int ENTRY_SECONDS = 12;
    static final int ENTRY_PREVIOUS = 16;

    private IndexLayout() {}

    static long fileBytes(int slots, int entries) {
        return HEADER_BYTES + (long) slots * SLOT_BYTES + (long) entries * ENTRY_BYTES;
    }
}
