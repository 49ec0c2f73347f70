package io.vostok.service;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.pop.PopReceipt;
import io.vostok.broker.pop.PopRequest;
import io.vostok.broker.session.ClientChannel;
import java.util.List;
import java.util.function.Consumer;

/** Pops of one event loop: asks the one owner of pop state. Used only on that loop; answers come on it. */
final class LocalPops {
    private final ContextInternal caller;
    private final ContextInternal ownerContext;
    private final PopOwner owner;

    LocalPops(ContextInternal caller, ContextInternal ownerContext, PopOwner owner) {
        this.caller = caller;
        this.ownerContext = ownerContext;
        this.owner = owner;
    }

    void pop(PopRequest request, ClientChannel channel, PopListener listener) {
        Answer answer = new Answer(listener);
        atOwner(() -> owner.pop(request, channel, answer));
    }

    /** Brings the owner's answer to the caller. */
    private final class Answer implements PopListener {
        private final PopListener listener;
        /** Known to the owner's thread. */
        private boolean held;

        Answer(PopListener listener) {
            this.listener = listener;
        }

        @Override
        public void held() {
            held = true;
        }

        @Override
        public void answered(PopOutcome outcome) {
            boolean wasHeld = held;
            atCaller(() -> {
                if (wasHeld) listener.held();
                listener.answered(outcome);
            });
        }
    }

    Future<Void> ack(List<PopHandle> handles) {
        return ask(done -> owner.ack(handles, done));
    }

    Future<PopReceipt> changeInvisible(PopHandle handle, long invisibleMillis) {
        return ask(done -> owner.changeInvisible(handle, invisibleMillis, done));
    }

    Future<Void> deadLetter(PopHandle handle) {
        return ask(done -> owner.deadLetter(handle, done));
    }

    void giveBack(String group, Popped popped) {
        atOwner(() -> owner.giveBack(group, popped));
    }

    void closed(ClientChannel channel) {
        atOwner(() -> owner.closed(channel));
    }

    Future<Integer> waiting(String group, String topic, int queueId) {
        return ask(done -> owner.waiting(group, topic, queueId, done));
    }

    private <T> Future<T> ask(Consumer<Promise<T>> question) {
        Promise<T> answer = caller.promise();
        atOwner(() -> {
            try {
                question.accept(answer);
            } catch (RuntimeException failure) {
                answer.tryFail(failure);
            }
        });
        return answer.future();
    }

    /** The owner shares one of the event loops; from there a call needs no turn. */
    private void atOwner(Runnable call) {
        if (ownerContext.inThread()) call.run();
        else ownerContext.runOnContext(turn -> call.run());
    }

    private void atCaller(Runnable call) {
        if (caller.inThread()) call.run();
        else caller.runOnContext(turn -> call.run());
    }
}
