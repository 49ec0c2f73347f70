package io.vostok.bus;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageCodec;

/** Passes objects over the local event bus as they are. What travels must be immutable or handed over for good. */
public final class ByReference<T> implements MessageCodec<T, T> {
    private final String name;

    private ByReference(Class<T> type) {
        this.name = "by-reference:" + type.getName();
    }

    /** Lets {@code type} travel on the bus of {@code vertx}; once per type and Vertx. Returns the options to send with. */
    public static <T> DeliveryOptions register(Vertx vertx, Class<T> type) {
        ByReference<T> codec = new ByReference<>(type);
        vertx.eventBus().registerDefaultCodec(type, codec);
        return new DeliveryOptions().setLocalOnly(true).setCodecName(codec.name);
    }

    @Override
    public void encodeToWire(Buffer buffer, T value) {
        throw new UnsupportedOperationException(name + " does not leave the process");
    }

    @Override
    public T decodeFromWire(int position, Buffer buffer) {
        throw new UnsupportedOperationException(name + " does not leave the process");
    }

    @Override
    public T transform(T value) {
        return value;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }
}
