package io.vostok.front.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vostok.broker.session.Conflict;
import io.vostok.broker.session.ConsumerView;
import io.vostok.broker.session.Member;
import io.vostok.broker.session.Subscription;
import io.vostok.service.ClientAdmin;
import io.vostok.wire.Language;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Connected clients over HTTP, for administrators. One per event loop. */
final class ClientApi {
    private final ClientAdmin clients;

    ClientApi(ClientAdmin clients) {
        this.clients = clients;
    }

    /** Lists consumers and producers that are connected, one element for each group of a client. */
    void list(RoutingContext request) {
        Query query = new Query(request);
        @Nullable String kind = query.text("kind");
        @Nullable String wantedGroup = query.text("group");
        Answers.when(request, clients.producers(), producers -> {
            List<JsonObject> all = new ArrayList<>();
            if (!"producer".equals(kind)) {
                for (ConsumerView group : clients.consumers()) {
                    for (Member member : group.members()) {
                        all.add(toJson(member).put("kind", "consumer").put("group", group.group()));
                    }
                }
            }
            if (!"consumer".equals(kind)) {
                producers.forEach((group, members) -> members.forEach(member -> all.add(new JsonObject()
                        .put("clientId", member.clientId())
                        .put("address", member.address())
                        .put("language", Language.nameOf(member.language()))
                        .put("version", member.version())
                        .put("seenAt", Instant.ofEpochMilli(member.seenMillis()).toString())
                        .put("kind", "producer")
                        .put("group", group))));
            }
            List<JsonObject> sorted = all.stream()
                    .filter(each -> wantedGroup == null || wantedGroup.equals(each.getString("group")))
                    .sorted(Comparator.comparing(ClientApi::name))
                    .toList();
            Answers.json(request, 200, Pages.of(query, sorted, ClientApi::name, each -> each));
        });
    }

    private static String name(JsonObject client) {
        return String.join(
                " ",
                client.getString("kind"),
                client.getString("group"),
                client.getString("clientId"),
                client.getString("address"));
    }

    /** Tells what every group that is online is subscribed to, and which members contradict each other. */
    void subscriptions(RoutingContext request) {
        Query query = new Query(request);
        boolean conflictsOnly = query.flag("conflicts", false);
        List<ConsumerView> sorted = clients.consumers().stream()
                .filter(group -> !conflictsOnly || group.conflict() != null)
                .sorted(Comparator.comparing(ConsumerView::group))
                .toList();
        Answers.json(request, 200, Pages.of(query, sorted, ConsumerView::group, ClientApi::toJson));
    }

    private static JsonObject toJson(ConsumerView group) {
        JsonArray topics = new JsonArray();
        group.subscriptions().stream()
                .sorted(Comparator.comparing(Subscription::topic))
                .forEach(subscription -> topics.add(new JsonObject()
                        .put("topic", subscription.topic().value())
                        .put("expression", subscription.expression())
                        .put("expressionType", subscription.expressionType())));
        return new JsonObject()
                .put("group", group.group())
                .put("consumeType", group.consumeType())
                .put("messageModel", group.messageModel())
                .put("members", group.memberIds().size())
                .put("topics", topics)
                .put("conflict", conflict(group));
    }

    static @Nullable JsonObject conflict(ConsumerView group) {
        @Nullable Conflict conflict = group.conflict();
        if (conflict == null) return null;
        return new JsonObject()
                .put("kind", conflict.kind().name())
                .put("first", conflict.first())
                .put("second", conflict.second())
                .put("words", conflict.words());
    }

    static JsonObject toJson(Member member) {
        return new JsonObject()
                .put("clientId", member.clientId())
                .put("address", member.channel().address())
                .put("language", Language.nameOf(member.language()))
                .put("version", member.version());
    }
}
