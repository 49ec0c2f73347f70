package io.vostok.front.remoting;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.session.ConsumerView;
import io.vostok.broker.session.Subscription;
import io.vostok.service.ClientAdmin;
import io.vostok.service.PeerAnswer;
import io.vostok.service.Registry;
import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.body.AdminAnswers;
import io.vostok.wire.body.ConnectionList;
import io.vostok.wire.body.ConsumerPositions;
import io.vostok.wire.body.ProducerTable;
import io.vostok.wire.body.QueueOffsets;
import io.vostok.wire.body.SubscriptionData;
import io.vostok.wire.frame.Call;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.Fields;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Connected clients, and requests that are passed on to them, on the remoting protocol (remoting reference 14.2 to 14.5). One per event loop. */
final class ClientAdminCommands {
    /** What proves who the administrator is concerns no client. */
    private static final Set<String> NOT_PASSED_ON = Set.of("AccessKey", "Signature", "SecurityToken");

    private final ClientAdmin clients;

    ClientAdminCommands(ClientAdmin clients) {
        this.clients = clients;
    }

    /** Handles the request; false when it is none of these. */
    boolean handle(Command command, Connection connection) {
        Call call = command.call();
        Fields fields = command.fields();
        switch (command.code()) {
            case RequestCode.GET_CONSUMER_CONNECTION_LIST -> connection.reply(call, consumers(fields));
            case RequestCode.GET_PRODUCER_CONNECTION_LIST -> producers(fields, call, connection);
            case RequestCode.GET_ALL_PRODUCER_INFO ->
                Replies.answer(
                        clients.producers(),
                        call,
                        connection,
                        (Map<String, List<ProducerTable.Producer>> all) -> Reply.body(new ProducerTable(all).write()));
            case RequestCode.QUERY_SUBSCRIPTION_BY_CONSUMER -> connection.reply(call, subscription(fields));
            case RequestCode.GET_CONSUMER_RUNNING_INFO ->
                Replies.answer(
                        clients.runningInfo(
                                fields.requireText("consumerGroup"), fields.requireText("clientId"), copy(fields)),
                        call,
                        connection,
                        ClientAdminCommands::passedOn);
            case RequestCode.CONSUME_MESSAGE_DIRECTLY ->
                Replies.answer(
                        clients.consumeDirectly(
                                fields.requireText("consumerGroup"),
                                fields.requireText("clientId"),
                                fields.requireText("msgId"),
                                copy(fields)),
                        call,
                        connection,
                        ClientAdminCommands::passedOn);
            case RequestCode.INVOKE_BROKER_TO_GET_CONSUMER_STATUS -> positions(fields, call, connection);
            default -> {
                return false;
            }
        }
        return true;
    }

    private Reply consumers(Fields fields) {
        Ruling<ConsumerView> ruling = clients.consumers(fields.requireText("consumerGroup"));
        @Nullable Refused refused = ruling.refused();
        if (refused != null) return offline(refused);
        ConsumerView group = ruling.value();
        List<SubscriptionData> subscriptions = group.subscriptions().stream()
                .map(Subscription::data)
                .sorted(Comparator.comparing(SubscriptionData::topic))
                .toList();
        return Reply.body(new ConnectionList(group.members().stream()
                        .map(member -> new ConnectionList.Client(
                                member.clientId(), member.channel().address(), member.language(), member.version()))
                        .toList())
                .write(group.consumeType(), group.messageModel(), group.consumeFromWhere(), subscriptions));
    }

    private void producers(Fields fields, Call call, Connection connection) {
        String group = fields.requireText("producerGroup");
        Replies.answer(clients.producers(), call, connection, (Map<String, List<ProducerTable.Producer>> all) -> {
            List<ProducerTable.Producer> ofGroup = all.getOrDefault(group, List.of());
            if (ofGroup.isEmpty()) {
                return Reply.error(ResponseCode.SYSTEM_ERROR, "no producer of group `" + group + "` is connected");
            }
            return Reply.body(new ConnectionList(ofGroup.stream()
                            .map(each -> new ConnectionList.Client(
                                    each.clientId(), each.address(), each.language(), each.version()))
                            .toList())
                    .write());
        });
    }

    private Reply subscription(Fields fields) {
        String group = fields.requireText("group");
        String topic = fields.requireText("topic");
        Ruling<ConsumerView> online = clients.consumers(group);
        @Nullable
        Subscription wish = online.refused() != null ? null : online.value().subscription(topic);
        return Reply.body(AdminAnswers.subscription(group, topic, wish == null ? null : wish.data()));
    }

    private void positions(Fields fields, Call call, Connection connection) {
        clients.positions(fields.requireText("group"), fields.requireText("topic"), fields.text("clientAddr"))
                .onComplete(done ->
                        connection.reply(call, done.succeeded() ? positions(done.result()) : offline(done.cause())));
    }

    private static Reply positions(Map<String, QueueOffsets> byClient) {
        return Reply.body(new ConsumerPositions(byClient).write());
    }

    private static Reply offline(Throwable cause) {
        return cause instanceof Registry.RefusedException refusal ? offline(refusal.refused()) : Faults.reply(cause);
    }

    /** Here tools know a code of its own for a group that nobody consumes for. */
    private static Reply offline(Refused refused) {
        return refused.refusal() == Refusal.NO_MEMBER
                ? Reply.error(ResponseCode.CONSUMER_NOT_ONLINE, refused.words())
                : Faults.reply(refused);
    }

    /** The client's own words and bytes: its JSON has keys that a strict reader and writer would change. */
    private static Reply passedOn(PeerAnswer answer) {
        return new Reply(answer.code(), answer.remark(), List.of(), answer.body());
    }

    private static Map<String, String> copy(Fields fields) {
        Map<String, String> copy = new LinkedHashMap<>();
        fields.forEach((name, value) -> {
            if (!NOT_PASSED_ON.contains(name)) copy.put(name, value);
        });
        return copy;
    }
}
