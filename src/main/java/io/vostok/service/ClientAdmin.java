package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.broker.Ruling;
import io.vostok.broker.session.ConsumerView;
import io.vostok.wire.body.ProducerTable;
import io.vostok.wire.body.QueueOffsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Connected clients, for administrators; see {@link BrokerAdmin} for threads and failures. */
public interface ClientAdmin {
    /** Returns the group as its live members make it, or NO_MEMBER. */
    Ruling<ConsumerView> consumers(String group);

    /** Returns all groups that have a live member. */
    Collection<ConsumerView> consumers();

    /** Returns the live producers of every group that has one. */
    Future<Map<String, List<ProducerTable.Producer>>> producers();

    /**
     * A client that has sent to a topic since the broker's start.
     *
     * @param clientId null when no live producer of the group has this address
     * @param sentMillis wall time of its last send
     */
    record TopicProducer(String group, @Nullable String clientId, String address, long sentMillis) {}

    /** Returns who has sent to a topic over the remoting protocol lately, the last first; of very many producers not all. */
    Future<List<TopicProducer>> producersOf(String topic);

    /**
     * Asks a live consumer what it is doing, for ten seconds at most.
     *
     * @param fields header fields of the request, passed on as they are
     * @return the client's own answer, or NO_MEMBER, or NO_ANSWER
     */
    Future<PeerAnswer> runningInfo(String group, String clientId, Map<String, String> fields);

    /**
     * Gives a message to a live consumer, whatever its offsets, for ten seconds at most.
     *
     * @param messageId given by a broker when it stored the message: the address in it does not matter
     * @param fields header fields of the request, passed on with what the client needs besides
     * @return the client's own answer, or NO_MEMBER, NO_MESSAGE or NO_ANSWER
     */
    Future<PeerAnswer> consumeDirectly(String group, String clientId, String messageId, Map<String, String> fields);

    /**
     * Asks the live consumers of a group where they stand.
     *
     * @param clientId only this one; null or empty for all
     * @return by client id; who does not answer within ten seconds is left out, and if nobody does NO_ANSWER
     */
    Future<Map<String, QueueOffsets>> positions(String group, String topic, @Nullable String clientId);
}
