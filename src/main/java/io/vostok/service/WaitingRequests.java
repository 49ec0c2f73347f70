package io.vostok.service;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Requests that this process has sent for clients without a connection of their own, by correlation id. Any thread. */
final class WaitingRequests {
    /** Each holds little more than its id. */
    private static final int MOST = 10_000;

    private final String clientId;
    private final Map<String, Consumer<Reply>> waiting = new ConcurrentHashMap<>();

    /** What came for a request; see {@link RequestReply}. */
    @SuppressWarnings("ArrayRecordComponent") // handed on, compared by nobody
    record Reply(byte[] properties, byte[] body, int sysFlag, long bornMillis, String replier) {}

    /** @param clientId which no other client of the cluster has */
    WaitingRequests(String clientId) {
        this.clientId = clientId;
    }

    /** Returns whom replies are for. */
    String clientId() {
        return clientId;
    }

    /** Waits for a reply. Returns why not, or null. */
    @Nullable
    Refused open(String correlationId, Consumer<Reply> hears) {
        if (waiting.size() >= MOST) {
            return new Refused(Refusal.FLOW_CONTROL, MOST + " requests wait for their replies already");
        }
        waiting.put(correlationId, hears);
        return null;
    }

    void close(String correlationId) {
        waiting.remove(correlationId);
    }

    /** Hands a reply over, once. @return false when nobody waits for it */
    boolean answer(String correlationId, Reply reply) {
        @Nullable Consumer<Reply> hears = waiting.remove(correlationId);
        if (hears == null) return false;
        hears.accept(reply);
        return true;
    }
}
