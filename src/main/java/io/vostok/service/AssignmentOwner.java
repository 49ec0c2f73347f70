package io.vostok.service;

import io.vertx.core.Promise;
import io.vostok.wire.body.QueryAssignment;
import io.vostok.wire.body.QueueAssignments;
import io.vostok.wire.body.RequestModeTable;

/** What the owner of assignments does with the calls of all event loops, on its own. */
public interface AssignmentOwner {
    /** Completes with the queues of a client, or fails with {@link Registry.RefusedException}. */
    void assignment(QueryAssignment query, Promise<QueueAssignments> done);

    /** Completes when the mode is on disk. */
    void requestMode(RequestModeTable.Mode mode, Promise<Void> done);

    /** Returns all modes that were set. Any thread. */
    RequestModeTable requestModes();
}
