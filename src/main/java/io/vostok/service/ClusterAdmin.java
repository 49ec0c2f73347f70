package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.wire.body.ClusterInfo;
import io.vostok.wire.body.TopicRoute;
import org.jspecify.annotations.Nullable;

/** The cluster as its name servers know it, for administrators; see {@link BrokerAdmin} for threads. Nothing here fails. */
public interface ClusterAdmin {
    /** Completes with every broker that is registered, or null when no name server answers. */
    Future<@Nullable ClusterInfo> cluster();

    /** Completes with where a topic is, or null when no name server knows it. */
    Future<@Nullable TopicRoute> route(String topic);

    /** Tells whether the broker at an address answers. */
    Future<Boolean> answers(String address);
}
