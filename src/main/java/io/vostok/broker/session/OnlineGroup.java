package io.vostok.broker.session;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The members of one consumer group and what follows from all of them together. Owned by the thread of {@link Sessions}. */
final class OnlineGroup {
    private final String name;
    private final Map<Long, Registration> byChannel = new LinkedHashMap<>();
    private Map<String, Subscription> byTopic = Map.of();
    private String consumeType = "";
    private String messageModel = "";
    private String consumeFromWhere = "";
    private boolean notifies = true;

    OnlineGroup(String name) {
        this.name = name;
    }

    boolean isEmpty() {
        return byChannel.isEmpty();
    }

    Collection<Registration> members() {
        return byChannel.values();
    }

    /** Tells whether the members hear of each other's coming and going. */
    boolean notifies() {
        return notifies && !messageModel.equals(ConsumerView.BROADCASTING);
    }

    void notifies(boolean wanted) {
        notifies = wanted;
    }

    void add(Registration member) {
        byChannel.put(member.channel().id(), member);
    }

    void remove(Registration member) {
        byChannel.remove(member.channel().id());
    }

    /** Takes the way of consuming from the member that came or changed last; other members' heartbeats do not flip it. */
    void follow(Registration member) {
        consumeType = member.consumeType;
        messageModel = member.messageModel;
        consumeFromWhere = member.consumeFromWhere;
    }

    /** Returns the newest parsed subscription that says the same, to share what was parsed; or null. */
    @Nullable
    Subscription known(String topic) {
        return byTopic.get(topic);
    }

    /** Returns another connection of the same client that sent its subscriptions under this fingerprint, or null. */
    @Nullable
    Registration twin(Registration member, int fingerprint) {
        for (Registration other : byChannel.values()) {
            if (other != member
                    && other.clientId().equals(member.clientId())
                    && other.hasSubscriptions
                    && other.fingerprint == fingerprint) {
                return other;
            }
        }
        return null;
    }

    /**
     * Merges what the members want: every topic of any member; of different wishes for one topic the newest counts.
     *
     * @return whether the set of topics changed
     */
    boolean merge() {
        Map<String, Subscription> merged = new HashMap<>();
        for (Registration member : byChannel.values()) {
            for (Subscription wish : member.byTopic.values()) {
                merged.merge(wish.topic().value(), wish, (a, b) -> b.version() > a.version() ? b : a);
            }
        }
        boolean changed = !merged.keySet().equals(byTopic.keySet());
        byTopic = merged;
        return changed;
    }

    ConsumerView view() {
        List<Member> members = new ArrayList<>(byChannel.size());
        for (Registration member : byChannel.values()) members.add(member.member);
        return new ConsumerView(name, consumeType, messageModel, consumeFromWhere, members, byTopic, conflict());
    }

    /** Returns the first contradiction between two members, or null. */
    private @Nullable Conflict conflict() {
        Map<String, Registration> byClient = new HashMap<>();
        Registration first = null;
        for (Registration member : byChannel.values()) {
            Registration twin = byClient.putIfAbsent(member.clientId(), member);
            if (twin != null) return sameClientId(twin, member);
            if (!member.hasSubscriptions) continue;
            if (first == null) {
                first = member;
                continue;
            }
            Conflict.Kind kind = first.difference(member);
            if (kind != null) return difference(kind, first, member);
        }
        return null;
    }

    private Conflict sameClientId(Registration one, Registration other) {
        String words = "group `" + name + "`: client id `" + other.clientId() + "` is used by "
                + one.channel().address() + " and " + other.channel().address()
                + "; give each client an instance name of its own";
        return new Conflict(name, Conflict.Kind.SAME_CLIENT_ID, one.clientId(), other.clientId(), words);
    }

    private Conflict difference(Conflict.Kind kind, Registration one, Registration other) {
        String words = "group `" + name + "`: members `" + one.clientId() + "` and `" + other.clientId() + "` differ: "
                + one.way() + " against " + other.way()
                + "; all members of a group must consume the same way, messages are passed over otherwise";
        return new Conflict(name, kind, one.clientId(), other.clientId(), words);
    }
}
