package io.vostok.service;

import io.vostok.model.TopicName;

/** Lets pulls and pops that wait, on whatever event loop, look again. Any thread. */
interface Waker {
    /** A group is to go on elsewhere in a topic. */
    void moved(String group, String topic);

    /** A topic is gone, with all that is held of it. */
    void deleted(TopicName topic);
}
