package io.vostok.broker.session;

import java.util.List;

/**
 * What follows from clients having fallen silent.
 *
 * @param notices who must hear that members changed
 * @param channels connections of which nothing is registered any more; to be closed
 */
public record Gone(List<Notice> notices, List<ClientChannel> channels) {
    public Gone {
        notices = List.copyOf(notices);
        channels = List.copyOf(channels);
    }
}
