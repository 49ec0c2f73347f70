package io.vostok.broker.pop;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.TopicName;
import io.vostok.wire.body.MessageQueue;
import io.vostok.wire.body.QueueAssignments;
import io.vostok.wire.body.RequestModeTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which queues a consumer gets that lets the broker divide them (remoting reference 8.1, storage reference 15.1). Pure. */
public final class AssignmentRules {
    /** The client asks queues by their numbers and keeps offsets itself. */
    public static final String PULL = "PULL";
    /** The client pops. */
    public static final String POP = "POP";

    private static final Comparator<MessageQueue> ORDER = Comparator.comparing(MessageQueue::topic)
            .thenComparing(MessageQueue::brokerName)
            .thenComparing(MessageQueue::queueId);
    private static final String BROADCASTING = "BROADCASTING";
    private static final int MOST_MODES = 100_000;

    private AssignmentRules() {}

    /**
     * Returns the queues of one client.
     *
     * @param set what was set for the topic and group, null for nothing
     * @param queues readable queues of the topic on all brokers, null when they are not known
     * @param clients ids of the group's members, sorted; null when none is connected
     * @return the assignment, or UNSUPPORTED for a strategy that is not known
     */
    public static Ruling<QueueAssignments> assign(
            String topic,
            String clientId,
            String strategy,
            String messageModel,
            RequestModeTable.@Nullable Mode set,
            @Nullable List<MessageQueue> queues,
            @Nullable List<String> clients) {
        boolean pop = set != null && set.mode().equals(POP) && !topic.startsWith(TopicName.RETRY_PREFIX);
        String mode = pop ? POP : PULL;
        if (queues == null) return Ruling.granted(new QueueAssignments(mode, null));
        List<MessageQueue> sorted = queues.stream().distinct().sorted(ORDER).toList();
        if (messageModel.equals(BROADCASTING)) return Ruling.granted(new QueueAssignments(PULL, sorted));
        if (clients == null) return Ruling.granted(new QueueAssignments(mode, null));
        boolean circle = strategy.equals("AVG_BY_CIRCLE");
        if (!circle && !strategy.equals("AVG")) {
            return Ruling.denied(
                    Refusal.UNSUPPORTED,
                    "allocation strategy `" + strategy + "` is not known to this broker, only AVG and AVG_BY_CIRCLE");
        }
        List<MessageQueue> own = pop && set != null
                ? popped(clientId, circle, set.shareQueues(), sorted, clients)
                : allocate(clientId, circle, sorted, clients);
        return Ruling.granted(new QueueAssignments(mode, own));
    }

    private static List<MessageQueue> popped(
            String clientId, boolean circle, int share, List<MessageQueue> queues, List<String> clients) {
        if (share <= 0 || share >= clients.size() - 1) {
            Set<MessageQueue> brokers = new LinkedHashSet<>();
            for (MessageQueue queue : queues) {
                brokers.add(new MessageQueue(queue.topic(), queue.brokerName(), PopRequest.ANY_QUEUE));
            }
            return List.copyOf(brokers);
        }
        int index = clients.indexOf(clientId);
        if (index < 0 || queues.isEmpty()) return List.of();
        if (clients.size() > queues.size()) return List.of(queues.get(index % queues.size()));
        Set<MessageQueue> shared = new LinkedHashSet<>();
        for (int i = 0; i <= share; i++) {
            shared.addAll(allocate(clients.get((index + i) % clients.size()), circle, queues, clients));
        }
        return List.copyOf(shared);
    }

    private static List<MessageQueue> allocate(
            String clientId, boolean circle, List<MessageQueue> queues, List<String> clients) {
        int index = clients.indexOf(clientId);
        if (index < 0) return List.of();
        int all = queues.size();
        List<MessageQueue> own = new ArrayList<>();
        if (circle) {
            for (int i = index; i < all; i += clients.size()) own.add(queues.get(i));
            return own;
        }
        int more = all % clients.size();
        int size = all <= clients.size() ? 1 : all / clients.size() + (index < more ? 1 : 0);
        int start = more > 0 && index < more ? index * size : index * size + more;
        for (int i = start; i < Math.min(start + size, all); i++) own.add(queues.get(i));
        return own;
    }

    /** Returns why a mode may not be set, or null. */
    public static @Nullable Refused checkMode(
            RequestModeTable.Mode mode, RequestModeTable known, TopicTable topics, GroupTable groups) {
        if (mode.topic().startsWith(TopicName.RETRY_PREFIX)) {
            return new Refused(Refusal.FORBIDDEN, "retry topic is not allowed to set mode");
        }
        if (!mode.mode().equals(PULL) && !mode.mode().equals(POP)) {
            return new Refused(Refusal.INVALID_ARGUMENT, "mode must be PULL or POP, was `" + mode.mode() + "`");
        }
        if (topics.find(mode.topic()) == null) {
            return new Refused(Refusal.TOPIC_NOT_FOUND, "topic `" + mode.topic() + "` does not exist");
        }
        if (groups.find(mode.group()) == null) {
            return new Refused(Refusal.GROUP_NOT_FOUND, "consumer group `" + mode.group() + "` does not exist");
        }
        if (known.size() >= MOST_MODES && !known.modes().containsKey(mode.topic())) {
            return new Refused(Refusal.FORBIDDEN, "this broker keeps at most " + MOST_MODES + " request modes");
        }
        return null;
    }
}
