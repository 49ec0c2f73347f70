package io.vostok.broker.session;

import java.util.List;

/** The members of {@code group} changed: tell each of {@code channels} one-way (NOTIFY_CONSUMER_IDS_CHANGED, 40). */
public record Notice(String group, List<ClientChannel> channels) {
    public Notice {
        channels = List.copyOf(channels);
    }
}
