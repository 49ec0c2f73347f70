package io.vostok.front.http;

import io.vostok.broker.Refused;
import io.vostok.broker.send.Send;
import io.vostok.broker.topic.BrokerIdentity;
import io.vostok.model.MessageProperties;
import io.vostok.model.Permission;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.service.Broker;
import io.vostok.service.SendListener;
import io.vostok.service.Sent;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A broker that takes every send, or refuses all; it has one topic, {@code orders} of four queues, and no messages. */
final class ScriptedBroker implements InvocationHandler {
    /** What was handed to it. */
    record Taken(Send send, Map<String, String> properties, String body) {}

    final List<Taken> taken = new CopyOnWriteArrayList<>();
    private volatile @Nullable Refused refusal;

    /** Refuses every send from now on. */
    void refuse(Refused reason) {
        refusal = reason;
    }

    Broker face() {
        return (Broker) Proxy.newProxyInstance(Broker.class.getClassLoader(), new Class<?>[] {Broker.class}, this);
    }

    BrokerFace faceWith(ScriptedAdmin admin) {
        return new BrokerFace(face(), admin.face(), new BrokerIdentity("c", "b", 0, "127.0.0.1", 10_911));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments) {
        if (arguments == null) throw new AssertionError("not expected: " + method);
        return switch (method.getName()) {
            case "topic" ->
                "orders".equals(arguments[0]) ? Topic.of(new TopicName("orders"), 4, Permission.READ_WRITE) : null;
            case "send" -> {
                send((Send) arguments[0], (PropertiesEditor) arguments[1], (ByteBuffer) arguments[2], (SendListener)
                        arguments[4]);
                yield null;
            }
            case "maxOffset", "minOffset" -> 0L;
            case "pull", "closed" -> null;
            default -> throw new AssertionError("not expected: " + method);
        };
    }

    private void send(Send send, PropertiesEditor editor, ByteBuffer body, SendListener listener) {
        @Nullable Refused reason = refusal;
        if (reason != null) {
            listener.refused(reason);
            return;
        }
        Map<String, String> properties = MessageProperties.parse(editor.toBytes(), 0, editor.length());
        taken.add(
                new Taken(send, properties, StandardCharsets.UTF_8.decode(body).toString()));
        listener.sent(new Sent(
                "7F00000100002A9F0000000000000000", Math.max(0, send.queueId()), taken.size(), "u", null, false));
    }
}
