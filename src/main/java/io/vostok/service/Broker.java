package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.offset.Boundary;
import io.vostok.broker.pop.PopReceipt;
import io.vostok.broker.pop.PopRequest;
import io.vostok.broker.pull.PullRequest;
import io.vostok.broker.retry.SendBack;
import io.vostok.broker.send.Send;
import io.vostok.broker.session.ClientChannel;
import io.vostok.broker.transaction.EndTransaction;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.Topic;
import io.vostok.store.KeyReader;
import io.vostok.store.ReadResult;
import io.vostok.wire.body.CheckClientConfig;
import io.vostok.wire.body.HeartbeatData;
import io.vostok.wire.body.LockBatch;
import io.vostok.wire.body.LockBatchResult;
import io.vostok.wire.body.QueryAssignment;
import io.vostok.wire.body.QueueAssignments;
import io.vostok.wire.body.RequestModeTable;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a front may ask of a broker. One object per event loop, used only there; futures complete on that loop.
 *
 * <p>Strings that name topics and groups are as the client sent them; the rules check them.
 */
public interface Broker {
    /**
     * Stores a message or a batch.
     *
     * @param properties of the message; used up by the call
     * @param body from position to limit, valid only during the call
     */
    void send(Send send, PropertiesEditor properties, ByteBuffer body, Endpoint bornHost, SendListener listener);

    /** Pushes a reply to the client that waits for it, and stores it; as {@link #send} otherwise. */
    void reply(
            Send send,
            PropertiesEditor properties,
            ByteBuffer body,
            Peer replier,
            Endpoint bornHost,
            SendListener listener);

    /**
     * Stores a message and waits for a consumer's reply to it, as a client does that is called by nobody else. Completes with
     * the reply; fails with {@link Registry.RefusedException}, NO_ANSWER when none came in time.
     *
     * @param properties of the message; used up by the call
     * @param body from position to limit, valid only during the call
     */
    Future<RequestReply> request(
            Send send, PropertiesEditor properties, ByteBuffer body, Endpoint bornHost, Duration patience);

    /**
     * Takes back a message that a consumer failed on. Completes when it will come again, or is a dead letter; fails with
     * {@link Registry.RefusedException}.
     */
    Future<Void> sendBack(SendBack wish);

    /**
     * Commits or rolls back a half message. Completes when that is done, or was before; fails with
     * {@link Registry.RefusedException}.
     */
    Future<Void> endTransaction(EndTransaction end);

    /**
     * Lets the checks begin anew of a half message that is undecided, or was given up; {@code position} is that of its
     * record. Fails with {@link Registry.RefusedException}.
     */
    Future<Void> resumeChecks(long position);

    /**
     * Keeps a message that waits for its time from being delivered. Completes with its unique id when that is as durable as a
     * send; fails with {@link Registry.RefusedException}.
     *
     * @param handle of the answer to its send
     */
    Future<String> recall(String producerGroup, String topic, String handle, Endpoint bornHost);

    /** Reads a queue, now or when messages arrive. {@code channel}'s end ends the wait. */
    void pull(PullRequest request, ClientChannel channel, PullListener listener);

    /**
     * Copies one message of a pull's answer to the position of {@code target}, which moves on.
     *
     * @return false when it is gone or damaged; nothing was copied
     */
    boolean copy(ReadResult result, int index, ByteBuffer target);

    /**
     * Gives a group messages of a topic, now or when some arrive; each comes again unless it is acked within the invisible time.
     * {@code channel}'s end ends the wait.
     */
    void pop(PopRequest request, ClientChannel channel, PopListener listener);

    /** Returns the most bytes that one popped message takes. */
    int mostBytes(Popped popped, Popped.Part part, int index);

    /**
     * Copies one popped message, as its consumer gets it, to the position of {@code target}, which moves on.
     *
     * @return false when it is gone or damaged; nothing was copied
     */
    boolean copy(Popped popped, Popped.Part part, int index, ByteBuffer target);

    /** The messages of a pop reached nobody: they come again at once. */
    void giveBack(String group, Popped popped);

    /**
     * Completes when it is in the log that these messages do not come again. What was acked before, or has come again since, is
     * passed over. Fails with {@link Registry.RefusedException} for the first that is refused; the others count.
     */
    Future<Void> ack(List<PopHandle> handles);

    /**
     * Holds a popped message for another time from now on; completes with its new receipt. Refused with NOT_IN_FLIGHT when it was
     * acked or has come again.
     */
    Future<PopReceipt> changeInvisible(PopHandle handle, long invisibleMillis);

    /** Makes a popped message a dead letter of its group; refused with NOT_IN_FLIGHT as {@link #changeInvisible}. */
    Future<Void> deadLetter(PopHandle handle);

    /** Returns how many pops of the group wait for just this queue; -1 names those that wait for any. */
    Future<Integer> waitingPops(String group, String topic, int queueId);

    /** Returns the queues that a member of a group shall consume, and how. */
    Future<QueueAssignments> assignment(QueryAssignment query);

    /** Sets whether a group pulls or pops a topic; complete when that is durable. */
    Future<Void> requestMode(RequestModeTable.Mode mode);

    /** Returns what was set by {@link #requestMode}. */
    RequestModeTable requestModes();

    /**
     * Registers a client and its groups. Complete when the client can see itself in {@link #members}, with whether it must
     * send its subscriptions in full next time.
     */
    Future<Boolean> heartbeat(HeartbeatData heartbeat, Peer peer, int language, int version);

    /** Tells a client that is about to start whether its subscription is taken: returns why not, or null. */
    @Nullable
    Refused checkSubscription(CheckClientConfig question);

    /** Takes a connection out of a producer group, a consumer group, or both. */
    Future<Void> unregister(@Nullable String producerGroup, @Nullable String consumerGroup, Peer peer);

    /** The connection is gone: its groups lose a member, its pulls are forgotten. */
    void closed(Peer peer);

    /** Returns the client ids of a consumer group. */
    Ruling<List<String>> members(String group);

    /** Locks queues for one client of a group; the answer names those it now holds. */
    Future<LockBatchResult> lock(LockBatch request);

    Future<Void> unlock(LockBatch request);

    /** Returns where a group stands in a queue. */
    Ruling<Long> offset(String group, String topic, int queueId, boolean zeroIfNotFound);

    /** Stores where a group stands; returns why not, or null. */
    @Nullable
    Refused commit(String group, String topic, int queueId, long offset);

    /** Returns the topic of that name, or null. */
    @Nullable
    Topic topic(String name);

    /** Returns the offset the next message gets; 0 for an unknown queue. */
    long maxOffset(String topic, int queueId);

    /** Returns the smallest offset that can be read; -1 for an unknown queue. */
    long minOffset(String topic, int queueId);

    /** Returns the offset that belongs to a time. */
    long searchOffset(String topic, int queueId, long millis, Boundary boundary);

    /** Finds messages by key; an answer without messages still says how far the index is. */
    Future<Ruling<KeyReader.Found>> query(KeyQuery query);

    /** Returns the record that starts at a position of the log; refused with NO_MESSAGE when none does. */
    Future<Ruling<ByteBuffer>> view(long position);

    /** Returns the store time of the first message; -1 when there is none. */
    long earliestMillis(String topic, int queueId);
}
