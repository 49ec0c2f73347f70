package io.vostok.broker.session;

import io.vostok.model.ConsumerGroup;
import io.vostok.model.Topic;
import java.util.List;

/**
 * What follows from a heartbeat, besides the answer of success.
 *
 * @param groupsToCreate group configurations that the broker lacked
 * @param topicsToCreate retry topics that the broker lacked
 * @param notices who must hear that members changed
 * @param subChanged the answer's {@code IS_SUB_CHANGE}: the client must send its subscriptions in full
 * @param skipped in words what of the heartbeat was not taken, and why; the first few of many
 */
public record Heard(
        List<ConsumerGroup> groupsToCreate,
        List<Topic> topicsToCreate,
        List<Notice> notices,
        boolean subChanged,
        List<String> skipped) {
    public Heard {
        groupsToCreate = List.copyOf(groupsToCreate);
        topicsToCreate = List.copyOf(topicsToCreate);
        notices = List.copyOf(notices);
        skipped = List.copyOf(skipped);
    }
}
