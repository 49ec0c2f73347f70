package io.vostok.service;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import io.vostok.wire.body.QueryAssignment;
import io.vostok.wire.body.QueueAssignments;
import io.vostok.wire.body.RequestModeTable;

/** Assignments as one event loop sees them: asks their owner; futures complete on this loop. */
final class LocalAssignments {
    private final OwnerCalls calls;
    private final AssignmentOwner owner;

    LocalAssignments(ContextInternal caller, Context ownerContext, AssignmentOwner owner) {
        this.calls = new OwnerCalls(caller, ownerContext);
        this.owner = owner;
    }

    Future<QueueAssignments> assignment(QueryAssignment query) {
        return calls.ask(done -> owner.assignment(query, done));
    }

    Future<Void> requestMode(RequestModeTable.Mode mode) {
        return calls.ask(done -> owner.requestMode(mode, done));
    }

    RequestModeTable requestModes() {
        return owner.requestModes();
    }
}
