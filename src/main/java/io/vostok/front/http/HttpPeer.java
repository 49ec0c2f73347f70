package io.vostok.front.http;

import io.vertx.core.Future;
import io.vostok.service.Peer;
import io.vostok.service.PeerAnswer;
import java.time.Duration;
import java.util.Map;

/** One request or stream as the broker knows it: what waits for it ends with it. It cannot be asked anything. */
final class HttpPeer implements Peer {
    private final long id;
    private final String address;
    private final Runnable end;

    /**
     * @param id below zero: connections of the remoting protocol count upwards from one
     * @param end ends the request
     */
    HttpPeer(long id, String address, Runnable end) {
        this.id = id;
        this.address = address;
        this.end = end;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public void membersChanged(String group) {
        // Readers over HTTP share no queues among them, so there is nothing to rebalance.
    }

    @Override
    public Future<PeerAnswer> ask(int requestCode, Map<String, String> fields, byte[] body, Duration patience) {
        return Future.failedFuture("readers over HTTP are not asked anything");
    }

    @Override
    public void tell(int requestCode, Map<String, String> fields, byte[] body) {
        // Nothing on this side understands a request of the remoting protocol.
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void close(String reason) {
        end.run();
    }
}
