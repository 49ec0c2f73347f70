package io.vostok.front.http;

import io.vostok.service.BrokerAdmin;
import io.vostok.service.ClientAdmin;
import io.vostok.service.ClusterAdmin;
import io.vostok.service.GroupAdmin;
import io.vostok.service.RedriveAdmin;
import io.vostok.service.StatusAdmin;
import io.vostok.service.TimerAdmin;
import io.vostok.service.TopicAdmin;
import io.vostok.service.TransactionAdmin;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Administration that answers what a test has said; whatever else is asked fails the test. */
final class ScriptedAdmin {
    private final Map<String, Function<@Nullable Object[], @Nullable Object>> answers = new HashMap<>();

    /** Answers calls of the method, whatever face has it, such as {@code topics.find}. */
    ScriptedAdmin on(String method, Function<@Nullable Object[], @Nullable Object> answer) {
        answers.put(method, answer);
        return this;
    }

    BrokerAdmin face() {
        return new BrokerAdmin(
                proxy("topics", TopicAdmin.class),
                proxy("groups", GroupAdmin.class),
                proxy("clients", ClientAdmin.class),
                proxy("status", StatusAdmin.class),
                proxy("transactions", TransactionAdmin.class),
                proxy("timers", TimerAdmin.class),
                proxy("redrives", RedriveAdmin.class),
                proxy("cluster", ClusterAdmin.class));
    }

    private <T> T proxy(String part, Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    @Nullable
                    Function<@Nullable Object[], @Nullable Object> answer = answers.get(part + "." + method.getName());
                    if (answer == null) throw new AssertionError("not expected: " + method);
                    return answer.apply(arguments == null ? new Object[0] : arguments);
                }));
    }
}
