package io.vostok.service;

import io.netty.buffer.ByteBuf;
import java.lang.reflect.Field;

/** Gives back the memory of batches whose process has ended in a simulation, so that nobody else does. */
public final class AppendBatches {
    private AppendBatches() {}

    public static void release(AppendBatch batch) {
        try {
            Field field = AppendBatch.class.getDeclaredField("bytes");
            field.setAccessible(true);
            ByteBuf bytes = (ByteBuf) field.get(batch);
            if (bytes.refCnt() > 0) bytes.release();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
