package io.vostok.broker.session;

/** A connection as the rules know it: compared by identity, the same object as long as the connection lives. Any thread. */
public interface ClientChannel {
    /** Returns a number that no other connection of this process has or had. */
    long id();

    /** Returns the peer as {@code ip:port}. */
    String address();
}
