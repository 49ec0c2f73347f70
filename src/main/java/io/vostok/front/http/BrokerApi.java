package io.vostok.front.http;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vostok.broker.admin.AdminSettings;
import io.vostok.broker.topic.BrokerIdentity;
import io.vostok.config.Setting;
import io.vostok.config.Settings;
import io.vostok.metrics.Meter;
import io.vostok.metrics.Rates;
import io.vostok.service.BrokerStatus;
import io.vostok.service.ClusterAdmin;
import io.vostok.service.StatusAdmin;
import io.vostok.wire.body.BrokerData;
import io.vostok.wire.body.ClusterInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** The broker as a whole over HTTP: who it is, how it is, and its settings. One per event loop. */
final class BrokerApi {
    static final String CHANGE = "changeSettings";

    /** Brokers that are asked whether they are alive. */
    private static final int MOST_ASKED = 64;

    private final StatusAdmin status;
    private final ClusterAdmin cluster;
    private final IntSupplier topics;
    private final BrokerIdentity identity;
    private final JsonBodies bodies;

    /** @param topics how many this broker has */
    BrokerApi(
            StatusAdmin status, ClusterAdmin cluster, IntSupplier topics, BrokerIdentity identity, JsonBodies bodies) {
        this.status = status;
        this.cluster = cluster;
        this.topics = topics;
        this.identity = identity;
        this.bodies = bodies;
    }

    /** Tells every broker that is registered with the name servers; this one alone when none answers. */
    void cluster(RoutingContext request) {
        Answers.when(request, cluster.cluster().compose(this::brokers), brokers -> {
            boolean alone = brokers.isEmpty();
            if (alone) brokers.add(member(identity.cluster(), identity.name(), identity.id(), identity.address()));
            Answers.json(
                    request,
                    200,
                    new JsonObject()
                            .put("name", identity.cluster())
                            .put("source", alone ? "broker" : "nameserver")
                            .put("brokers", brokers));
        });
    }

    private Future<JsonArray> brokers(@Nullable ClusterInfo known) {
        JsonArray brokers = new JsonArray();
        List<Future<Boolean>> asked = new ArrayList<>();
        if (known == null) return Future.succeededFuture(brokers);
        for (BrokerData set : known.brokerAddrTable().values()) {
            set.brokerAddrs().forEach((id, address) -> {
                JsonObject member = member(set.cluster(), set.brokerName(), id, address);
                brokers.add(member);
                if (member.getBoolean("self") || asked.size() >= MOST_ASKED) return;
                asked.add(cluster.answers(address).onSuccess(alive -> member.put("alive", alive)));
            });
        }
        return Future.join(asked).map(all -> brokers);
    }

    /** Of others nobody here counts the topics; whether they are alive is asked. */
    private JsonObject member(String clusterName, String name, long id, String address) {
        boolean self = name.equals(identity.name()) && id == identity.id();
        return new JsonObject()
                .put("cluster", clusterName)
                .put("name", name)
                .put("id", id)
                .put("address", address)
                .put("self", self)
                .put("alive", self ? true : null)
                .put("topics", self ? topics.getAsInt() : null);
    }

    private JsonObject who() {
        return new JsonObject()
                .put("name", identity.name())
                .put("id", identity.id())
                .put("address", identity.address());
    }

    /** Tells how the broker is now. */
    void get(RoutingContext request) {
        checkName(request);
        Answers.when(request, status.status(), now -> Answers.json(request, 200, figures(now)));
    }

    private JsonObject figures(BrokerStatus now) {
        JsonArray levels = new JsonArray();
        for (BrokerStatus.DelayLevelStatus level : now.delayLevels()) {
            levels.add(new JsonObject()
                    .put("level", level.level())
                    .put("delivered", level.delivered())
                    .put("stored", level.stored()));
        }
        JsonObject json = who().put("cluster", identity.cluster())
                .put("writable", now.writable())
                .put("startedAt", time(now.startedMillis()))
                .put("now", time(now.nowMillis()))
                .put("logBytes", now.logEnd() - now.logFirst())
                .put("unflushedBytes", now.unflushedBytes())
                .put("undispatchedBytes", now.undispatchedBytes())
                .put("inFlightBytes", now.inFlightBytes())
                .put("diskUsed", now.diskUsed())
                .put("diskFreeBytes", now.diskFreeBytes())
                .put("topics", now.topics())
                .put("groups", now.groups())
                .put("groupsOnline", now.consumerGroupsOnline())
                .put("puts", traffic(StatusAdmin.Measure.PUT, status.traffic().puts()))
                .put("gets", traffic(StatusAdmin.Measure.GET, status.traffic().gets()))
                .put("delayLevels", levels);
        if (now.earliestMillis() >= 0) json.put("earliestMessageAt", time(now.earliestMillis()));
        return json;
    }

    private JsonObject traffic(StatusAdmin.Measure measure, Meter meter) {
        @Nullable Rates rates = status.rates(measure, "", "");
        return new JsonObject()
                .put("messages", meter.total().messages())
                .put("bytes", meter.total().bytes())
                .put("perSecond", rates == null ? 0.0 : rates.minute().perSecond());
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }

    /** Lists what can be read and changed under Apache's names, and what can be configured before the start. */
    void settings(RoutingContext request) {
        checkName(request);
        Answers.json(request, 200, settings());
    }

    private JsonObject settings() {
        AdminSettings now = status.settings();
        JsonArray items = new JsonArray();
        now.values()
                .forEach((name, value) -> items.add(new JsonObject()
                        .put("name", name)
                        .put("value", value)
                        .put("live", now.liveValues().containsKey(name))));
        JsonArray documentation = new JsonArray();
        for (Setting setting : Settings.all()) {
            documentation.add(new JsonObject()
                    .put("name", setting.name())
                    .put("meaning", setting.meaning())
                    .put("default", setting.defaultShown())
                    .put("allowed", setting.allowed())
                    .put("live", setting.live()));
        }
        return Pages.list(items).put("documentation", documentation);
    }

    /** Changes settings of the running broker, all of them or none; they hold until it stops. */
    void change(RoutingContext request) {
        checkName(request);
        bodies.read(request, CHANGE, body -> {
            Map<String, String> changes = new HashMap<>();
            for (String name : body.fieldNames()) changes.put(name, body.getString(name));
            Answers.when(request, status.change(changes), done -> Answers.json(request, 200, settings()));
        });
    }

    private void checkName(RoutingContext request) {
        String name = request.pathParam("broker");
        if (name.equals(identity.name())) return;
        throw new Problem.Found(
                Problem.notFound("broker `" + name + "` is not here; this is `" + identity.name() + "`"));
    }
}
