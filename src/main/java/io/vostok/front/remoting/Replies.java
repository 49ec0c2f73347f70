package io.vostok.front.remoting;

import io.vertx.core.Future;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.wire.frame.Call;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Turns the outcomes of services into answers. */
final class Replies {
    private Replies() {}

    /** Answers {@code call} when {@code done} is complete, on the event loop that asked. */
    static <T> void answer(Future<T> done, Call call, Connection connection, Function<T, Reply> toReply) {
        done.onComplete(result -> {
            Reply reply;
            try {
                reply = result.succeeded() ? toReply.apply(result.result()) : Faults.reply(result.cause());
            } catch (RuntimeException bug) {
                reply = Faults.reply(bug); // nobody else would answer
            }
            connection.reply(call, reply);
        });
    }

    static <T> Reply of(Ruling<T> ruling, Function<T, Reply> toReply) {
        @Nullable Refused refused = ruling.refused();
        return refused == null ? toReply.apply(ruling.value()) : Faults.reply(refused);
    }
}
