package io.vostok.front.http;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vostok.broker.offset.OffsetReset;
import io.vostok.model.Topic;
import io.vostok.service.Broker;
import io.vostok.service.GroupAdmin;
import io.vostok.wire.body.ConsumeStats;
import io.vostok.wire.body.ConsumerOffsetTable;
import io.vostok.wire.body.MessageQueue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** How far groups are, and letting them go on elsewhere. One per event loop. */
final class ProgressApi {
    static final String RESET = "resetOffsets";

    private static final long AT_END = -1;

    private final Broker broker;
    private final GroupAdmin groups;
    private final JsonBodies bodies;

    ProgressApi(Broker broker, GroupAdmin groups, JsonBodies bodies) {
        this.broker = broker;
        this.groups = groups;
        this.bodies = bodies;
    }

    /** Tells the lag of one group in every queue. */
    void lag(RoutingContext request) {
        String group = GroupApi.named(groups, request.pathParam("group")).name().value();
        @Nullable String topic = new Query(request).text("topic");
        Answers.when(request, groups.progress(group, topic == null ? List.of() : List.of(topic)), stats -> {
            JsonArray items = new JsonArray();
            long total = 0;
            for (Map.Entry<MessageQueue, ConsumeStats.Progress> each :
                    stats.offsets().entrySet()) {
                ConsumeStats.Progress progress = each.getValue();
                long lag = lag(each.getKey(), progress);
                total += lag;
                JsonObject item = new JsonObject()
                        .put("topic", each.getKey().topic())
                        .put("queue", each.getKey().queueId())
                        .put("consumerOffset", progress.consumerOffset())
                        .put("maxOffset", progress.brokerOffset())
                        .put("lag", lag);
                if (progress.lastMillis() > 0) {
                    item.put(
                            "consumedTo",
                            Instant.ofEpochMilli(progress.lastMillis()).toString());
                }
                items.add(item);
            }
            Answers.json(
                    request, 200, Pages.list(items).put("lag", total).put("consumesPerSecond", stats.consumeTps()));
        });
    }

    /** What was deleted before the group came to it is no lag: nobody can consume it any more. */
    private long lag(MessageQueue queue, ConsumeStats.Progress progress) {
        long from = Math.max(progress.consumerOffset(), broker.minOffset(queue.topic(), queue.queueId()));
        return Math.max(0, progress.brokerOffset() - from);
    }

    /** Tells the lag of every group on every topic, summed over its queues. */
    void lags(RoutingContext request) {
        Query query = new Query(request);
        Answers.when(request, groups.progressOfAll(false), all -> {
            Map<String, JsonObject> byName = new TreeMap<>();
            all.forEach((group, topics) ->
                    topics.forEach(stats -> stats.offsets().forEach((queue, progress) -> {
                        JsonObject item = byName.computeIfAbsent(
                                group + " " + queue.topic(),
                                name -> new JsonObject()
                                        .put("group", group)
                                        .put("topic", queue.topic())
                                        .put("lag", 0L)
                                        .put("consumesPerSecond", stats.consumeTps()));
                        item.put("lag", item.getLong("lag") + lag(queue, progress));
                    })));
            List<Map.Entry<String, JsonObject>> sorted = List.copyOf(byName.entrySet());
            Answers.json(request, 200, Pages.of(query, sorted, Map.Entry::getKey, Map.Entry::getValue));
        });
    }

    /** Lists the offsets that a group has committed. */
    void offsets(RoutingContext request) {
        String group = GroupApi.named(groups, request.pathParam("group")).name().value();
        @Nullable String wanted = new Query(request).text("topic");
        Answers.when(request, groups.offsets(), table -> {
            JsonArray items = new JsonArray();
            for (String topic : wanted == null ? groups.topics(group) : Set.of(wanted)) {
                new TreeMap<>(committed(table, group, topic))
                        .forEach((queue, offset) -> items.add(new JsonObject()
                                .put("topic", topic)
                                .put("queue", queue)
                                .put("offset", offset)));
            }
            Answers.json(request, 200, Pages.list(items));
        });
    }

    private static Map<Integer, Long> committed(ConsumerOffsetTable table, String group, String topic) {
        return table.offsets().getOrDefault(ConsumerOffsetTable.key(topic, group), Map.of());
    }

    /** Lets a group go on elsewhere, or shows what that would be. The answer has the offsets before, for the way back. */
    void reset(RoutingContext request) {
        bodies.read(request, RESET, body -> {
            String group =
                    GroupApi.named(groups, request.pathParam("group")).name().value();
            Topic topic = StartingPoint.topic(broker, body.getString("topic"));
            @Nullable String to = body.getString("to");
            @Nullable JsonArray offsets = body.getJsonArray("offsets");
            if ((to == null) == (offsets == null)) {
                throw new Problem.Found(Problem.badRequest("a reset has `to` or `offsets`, and not both"));
            }
            Map<Integer, Long> targets = offsets == null ? targets(topic, to) : named(topic, offsets);
            boolean dryRun = body.getBoolean("dryRun", false);
            Answers.when(request, groups.offsets(), table -> {
                Map<Integer, Long> before = committed(table, group, topic.name().value());
                Future<Map<Integer, Long>> done = dryRun
                        ? Future.succeededFuture(targets)
                        : offsets == null ? reset(group, topic, to) : reset(group, topic, targets);
                Answers.when(request, done, after -> answer(request, topic, before, after, dryRun));
            });
        });
    }

    private Map<Integer, Long> targets(Topic topic, @Nullable String to) {
        Map<Integer, Long> targets = new TreeMap<>();
        for (int queue = 0; queue < topic.readQueues(); queue++) {
            targets.put(queue, StartingPoint.offset(broker, topic, queue, String.valueOf(to)));
        }
        return targets;
    }

    /** All are checked before the first is set. */
    private Map<Integer, Long> named(Topic topic, JsonArray offsets) {
        Map<Integer, Long> targets = new TreeMap<>();
        String name = topic.name().value();
        for (int i = 0; i < offsets.size(); i++) {
            int queue = offsets.getJsonObject(i).getInteger("queue");
            long offset = offsets.getJsonObject(i).getLong("offset");
            if (queue >= topic.readQueues()) {
                throw new Problem.Found(Problem.badRequest("queue " + queue + " of topic `" + name
                        + "` does not exist, it has " + topic.readQueues() + " to read"));
            }
            long min = Math.max(0, broker.minOffset(name, queue));
            long max = broker.maxOffset(name, queue);
            if (offset < min || offset > max) {
                throw new Problem.Found(Problem.badRequest(
                        "offset " + offset + " of queue " + queue + " is not within " + min + " and " + max));
            }
            if (targets.put(queue, offset) != null) {
                throw new Problem.Found(Problem.badRequest("queue " + queue + " is given twice"));
            }
        }
        return targets;
    }

    private Future<Map<Integer, Long>> reset(String group, Topic topic, @Nullable String to) {
        String at = String.valueOf(to);
        long millis = switch (at) {
            case StartingPoint.LATEST -> AT_END;
            case StartingPoint.EARLIEST -> 0;
            default -> Query.millis("to", at);
        };
        return groups.reset(new OffsetReset(
                        group, topic.name().value(), millis, OffsetReset.ALL_QUEUES, OffsetReset.BY_TIME))
                .map(set -> {
                    Map<Integer, Long> after = new TreeMap<>();
                    set.offsets().forEach((queue, offset) -> after.put(queue.queueId(), offset));
                    return after;
                });
    }

    private Future<Map<Integer, Long>> reset(String group, Topic topic, Map<Integer, Long> targets) {
        List<Future<?>> resets = new ArrayList<>();
        targets.forEach((queue, offset) ->
                resets.add(groups.reset(new OffsetReset(group, topic.name().value(), AT_END, queue, offset))));
        return Future.join(resets).map(done -> targets);
    }

    private void answer(
            RoutingContext request, Topic topic, Map<Integer, Long> before, Map<Integer, Long> after, boolean dryRun) {
        JsonArray items = new JsonArray();
        for (int queue : new TreeSet<>(after.keySet())) {
            long offset = after.getOrDefault(queue, 0L);
            items.add(new JsonObject()
                    .put("queue", queue)
                    .put("before", before.get(queue))
                    .put("after", offset)
                    .put("lag", Math.max(0, broker.maxOffset(topic.name().value(), queue) - offset)));
        }
        Answers.json(
                request,
                200,
                Pages.list(items).put("topic", topic.name().value()).put("dryRun", dryRun));
    }
}
