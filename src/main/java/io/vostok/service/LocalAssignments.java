package io.vostok.service;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vostok.wire.body.QueryAssignment;
import io.vostok.wire.body.QueueAssignments;
import io.vostok.wire.body.RequestModeTable;
import java.util.function.Consumer;

/** Assignments as one event loop sees them: asks their owner; futures complete on this loop. */
final class LocalAssignments {
    private final ContextInternal caller;
    private final Context ownerContext;
    private final AssignmentOwner owner;

    LocalAssignments(ContextInternal caller, Context ownerContext, AssignmentOwner owner) {
        this.caller = caller;
        this.ownerContext = ownerContext;
        this.owner = owner;
    }

    Future<QueueAssignments> assignment(QueryAssignment query) {
        return ask(done -> owner.assignment(query, done));
    }

    Future<Void> requestMode(RequestModeTable.Mode mode) {
        return ask(done -> owner.requestMode(mode, done));
    }

    RequestModeTable requestModes() {
        return owner.requestModes();
    }

    private <T> Future<T> ask(Consumer<Promise<T>> question) {
        Promise<T> answer = caller.promise();
        ownerContext.runOnContext(turn -> {
            try {
                question.accept(answer);
            } catch (RuntimeException failure) {
                answer.tryFail(failure);
            }
        });
        return answer.future();
    }
}
