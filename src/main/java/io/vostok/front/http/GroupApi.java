package io.vostok.front.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.session.ConsumerView;
import io.vostok.broker.topic.GroupTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.GroupName;
import io.vostok.service.BrokerAdmin;
import io.vostok.service.GroupAdmin;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Consumer groups over HTTP, for administrators. One per event loop. */
final class GroupApi {
    static final String CREATE = "createGroup";
    static final String PUT = "putGroup";
    static final String PATCH = "patchGroup";

    private final BrokerAdmin admin;
    private final GroupAdmin groups;
    private final JsonBodies bodies;

    GroupApi(BrokerAdmin admin, JsonBodies bodies) {
        this.admin = admin;
        this.groups = admin.groups();
        this.bodies = bodies;
    }

    void list(RoutingContext request) {
        Query query = new Query(request);
        @Nullable String prefix = query.text("prefix");
        List<ConsumerGroup> sorted = groups.all().all().stream()
                .filter(group -> prefix == null || group.name().value().startsWith(prefix))
                .sorted(Comparator.comparing(ConsumerGroup::name))
                .toList();
        Answers.json(request, 200, Pages.of(query, sorted, group -> group.name().value(), this::toJson));
    }

    void get(RoutingContext request) {
        Answers.json(request, 200, toJson(named(groups, request.pathParam("group"))));
    }

    /** Creates a group that does not exist yet. */
    void create(RoutingContext request) {
        bodies.read(request, CREATE, body -> {
            String name = body.getString("name");
            if (groups.all().find(name) != null) {
                throw new Problem.Found(Problem.conflict(
                        "consumer group `" + name + "` exists already",
                        "change it with PUT or PATCH /api/v1/groups/…"));
            }
            change(request, changed(ConsumerGroup.of(valid(name)), body), 201);
        });
    }

    /** Creates a group, or replaces all that can be set of it. */
    void put(RoutingContext request) {
        bodies.read(request, PUT, body -> {
            GroupName name = valid(request.pathParam("group"));
            @Nullable ConsumerGroup current = groups.all().find(name.value());
            ConsumerGroup usual = ConsumerGroup.of(name);
            ConsumerGroup from = current == null ? usual : current;
            change(request, changed(mixed(from, usual), body), current == null ? 201 : 200);
        });
    }

    /** Changes what is given, and leaves the rest. */
    void patch(RoutingContext request) {
        bodies.read(
                request, PATCH, body -> change(request, changed(named(groups, request.pathParam("group")), body), 200));
    }

    void delete(RoutingContext request) {
        String name = named(groups, request.pathParam("group")).name().value();
        boolean withOffsets = new Query(request).flag("withOffsets", false);
        Answers.when(request, groups.delete(name, withOffsets), done -> Answers.done(request));
    }

    private void change(RoutingContext request, ConsumerGroup wish, int status) {
        String name = wish.name().value();
        Answers.when(request, groups.change(List.of(wish)), done -> {
            if (status == 201) {
                request.response()
                        .putHeader(
                                "location",
                                "/api/v1/groups/" + name.replace("%", "%25").replace("|", "%7C"));
            }
            Answers.json(request, status, toJson(named(groups, name)));
        });
    }

    /** What HTTP shows as in {@code shown}, the rest as in {@code rest}. */
    private static ConsumerGroup mixed(ConsumerGroup rest, ConsumerGroup shown) {
        return new ConsumerGroup(
                rest.name(),
                shown.consumeEnable(),
                rest.consumeFromMinEnable(),
                shown.consumeBroadcastEnable(),
                shown.consumeMessageOrderly(),
                shown.retryQueues(),
                shown.retryMaxTimes(),
                rest.brokerId(),
                rest.whichBrokerWhenConsumeSlowly(),
                shown.notifyConsumerIdsChanged(),
                rest.sysFlag(),
                shown.consumeTimeoutMinutes(),
                rest.otherFieldsJson());
    }

    private static ConsumerGroup changed(ConsumerGroup from, JsonObject body) {
        return new ConsumerGroup(
                from.name(),
                body.getBoolean("consumeEnabled", from.consumeEnable()),
                from.consumeFromMinEnable(),
                body.getBoolean("broadcastEnabled", from.consumeBroadcastEnable()),
                body.getBoolean("ordered", from.consumeMessageOrderly()),
                body.getInteger("retryQueues", from.retryQueues()),
                body.getInteger("retryMaxTimes", from.retryMaxTimes()),
                from.brokerId(),
                from.whichBrokerWhenConsumeSlowly(),
                body.getBoolean("notifyMembers", from.notifyConsumerIdsChanged()),
                from.sysFlag(),
                body.getInteger("consumeTimeoutMinutes", from.consumeTimeoutMinutes()),
                withoutAttributes(from.otherFieldsJson()));
    }

    /** Attributes of a change are changes themselves; none leaves those that are set. */
    private static @Nullable String withoutAttributes(@Nullable String otherFields) {
        if (otherFields == null) return null;
        JsonObject fields = new JsonObject(otherFields);
        fields.remove("attributes");
        return fields.isEmpty() ? null : fields.encode();
    }

    private static GroupName valid(String name) {
        @Nullable String problem = GroupName.problem(name);
        if (problem != null) {
            throw new Problem.Found(Problem.of(new Refused(Refusal.INVALID_ARGUMENT, problem)));
        }
        return new GroupName(name);
    }

    /** Returns the group. @throws Problem.Found when there is none */
    static ConsumerGroup named(GroupAdmin groups, String name) {
        @Nullable ConsumerGroup group = groups.all().find(name);
        if (group != null) return group;
        throw new Problem.Found(
                Problem.of(new Refused(Refusal.GROUP_NOT_FOUND, "consumer group `" + name + "` does not exist")));
    }

    private JsonObject toJson(ConsumerGroup group) {
        String name = group.name().value();
        Ruling<ConsumerView> online = admin.clients().consumers(name);
        JsonArray forbidden = new JsonArray();
        GroupTable table = groups.all();
        for (String topic : table.forbidden().getOrDefault(name, Map.of()).keySet()) {
            if (table.readForbidden(name, topic)) forbidden.add(topic);
        }
        JsonObject json = new JsonObject()
                .put("name", name)
                .put("consumeEnabled", group.consumeEnable())
                .put("broadcastEnabled", group.consumeBroadcastEnable())
                .put("ordered", group.consumeMessageOrderly())
                .put("retryQueues", group.retryQueues())
                .put("retryMaxTimes", group.retryMaxTimes())
                .put("consumeTimeoutMinutes", group.consumeTimeoutMinutes())
                .put("notifyMembers", group.notifyConsumerIdsChanged())
                .put("forbiddenTopics", forbidden);
        if (group.otherFieldsJson() != null) json.put("otherFields", new JsonObject(group.otherFieldsJson()));
        JsonArray members = new JsonArray();
        if (online.refused() == null) {
            ConsumerView view = online.value();
            json.put("consumeType", view.consumeType())
                    .put("messageModel", view.messageModel())
                    .put("conflict", ClientApi.conflict(view));
            view.members().forEach(member -> members.add(ClientApi.toJson(member)));
        }
        return json.put("members", members);
    }
}
