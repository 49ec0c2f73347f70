package io.vostok.service;

import io.vostok.broker.Refused;

/** Hears what became of a send; called once, on the event loop that sent. */
public interface SendListener {
    void sent(Sent sent);

    void refused(Refused refused);
}
