package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.model.TopicName;

/** Takes what the store holds of a topic away for good, once the topic is out of the tables. Any thread. */
@FunctionalInterface
public interface TopicRemoval {
    /** Complete when queues are gone and nothing can bring the topic's messages back; may be repeated. */
    Future<Void> remove(TopicName topic);
}
