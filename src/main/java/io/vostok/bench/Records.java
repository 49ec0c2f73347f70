package io.vostok.bench;

import io.netty.buffer.ByteBuf;
import io.vostok.wire.record.RecordLayout;

/** Walks the records of a pull's or pop's answer. */
final class Records {
    private Records() {}

    static int count(ByteBuf body) {
        int records = 0;
        for (int at = body.readerIndex(); at < body.writerIndex(); at += size(body, at)) records++;
        return records;
    }

    /** Returns the size in bytes of the record at {@code at}, never less than any record has. */
    static int size(ByteBuf body, int at) {
        return Math.max(RecordLayout.SMALLEST, body.getInt(at));
    }
}
