package io.vostok.wire.body;

import io.vostok.wire.Language;
import java.util.List;

/** The answers to GET_CONSUMER_CONNECTION_LIST and GET_PRODUCER_CONNECTION_LIST. */
public record ConnectionList(List<Client> clients) {
    /**
     * One connection.
     *
     * @param address as {@code ip:port}
     * @param language its number on the wire
     */
    public record Client(String clientId, String address, int language, int version) {}

    public ConnectionList {
        clients = List.copyOf(clients);
    }

    /** Returns the body about producers as JSON in UTF-8. */
    public byte[] write() {
        return writeClients(new JsonText().open('{')).close('}').toBytes();
    }

    /** Returns the body about a consumer group, with what it consumes and how, as JSON in UTF-8. */
    public byte[] write(
            String consumeType, String messageModel, String consumeFromWhere, List<SubscriptionData> subscriptions) {
        JsonText json = writeClients(new JsonText().open('{'));
        json.key("consumeFromWhere").text(consumeFromWhere);
        json.key("consumeType").text(consumeType);
        json.key("messageModel").text(messageModel);
        json.key("subscriptionTable").open('{');
        for (SubscriptionData subscription : subscriptions) subscription.writeTo(json.key(subscription.topic()));
        return json.close('}').close('}').toBytes();
    }

    private JsonText writeClients(JsonText json) {
        json.key("connectionSet").open('[');
        for (Client client : clients) {
            json.open('{')
                    .key("clientAddr")
                    .text(client.address)
                    .key("clientId")
                    .text(client.clientId)
                    .key("language")
                    .text(Language.nameOf(client.language))
                    .key("version")
                    .number(client.version)
                    .close('}');
        }
        return json.close(']');
    }
}
