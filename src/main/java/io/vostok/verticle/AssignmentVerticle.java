package io.vostok.verticle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.pop.AssignmentRules;
import io.vostok.broker.session.ConsumerView;
import io.vostok.service.AssignmentOwner;
import io.vostok.service.Registry;
import io.vostok.service.Tables;
import io.vostok.service.TopicRoutes;
import io.vostok.store.meta.RequestModesFile;
import io.vostok.wire.body.MessageQueue;
import io.vostok.wire.body.QueryAssignment;
import io.vostok.wire.body.QueueAssignments;
import io.vostok.wire.body.RequestModeTable;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Divides queues among consumers that let the broker do it, and owns who pulls and who pops. */
public final class AssignmentVerticle extends VerticleBase implements AssignmentOwner {
    private final Tables tables;
    private final RequestModesFile file;
    private final Supplier<TopicRoutes> makeRoutes;
    private volatile RequestModeTable modes;
    private @Nullable TopicRoutes routes;
    /** Changes are written one after the other. */
    private Future<?> saved = Future.succeededFuture();

    /**
     * @param modes as they were saved last
     * @param makeRoutes asked once, on this verticle's event loop
     */
    public AssignmentVerticle(
            Tables tables, RequestModesFile file, RequestModeTable modes, Supplier<TopicRoutes> makeRoutes) {
        this.tables = tables;
        this.file = file;
        this.modes = modes;
        this.makeRoutes = makeRoutes;
    }

    @Override
    public Future<?> start() {
        routes = makeRoutes.get();
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        return saved.transform(done -> Future.succeededFuture());
    }

    /** Returns the event loop's context; once deployed. */
    public ContextInternal loop() {
        return (ContextInternal) context;
    }

    @Override
    public void assignment(QueryAssignment query, Promise<QueueAssignments> done) {
        @Nullable TopicRoutes asked = routes;
        if (asked == null) throw new IllegalStateException("not deployed");
        asked.queues(query.topic()).onComplete(queues -> assign(query, queues.result(), done));
    }

    private void assign(QueryAssignment query, @Nullable List<MessageQueue> queues, Promise<QueueAssignments> done) {
        @Nullable ConsumerView consumers = tables.subscriptions().find(query.consumerGroup());
        RequestModeTable.@Nullable Mode set =
                modes.modes().getOrDefault(query.topic(), Map.of()).get(query.consumerGroup());
        Ruling<QueueAssignments> assigned = AssignmentRules.assign(
                query.topic(),
                query.clientId(),
                query.strategyName(),
                query.messageModel(),
                set,
                queues,
                consumers == null ? null : consumers.memberIds());
        @Nullable Refused refused = assigned.refused();
        if (refused != null) done.fail(new Registry.RefusedException(refused));
        else done.complete(assigned.value());
    }

    @Override
    public void requestMode(RequestModeTable.Mode mode, Promise<Void> done) {
        saved = saved.transform(before -> save(mode)).onComplete(after -> {
            if (after.succeeded()) done.complete();
            else done.fail(after.cause());
        });
    }

    private Future<Void> save(RequestModeTable.Mode mode) {
        @Nullable Refused refused = AssignmentRules.checkMode(mode, modes, tables.topics(), tables.groups());
        if (refused != null) return Future.failedFuture(new Registry.RefusedException(refused));
        RequestModeTable next = modes.with(mode);
        return vertx.executeBlocking(() -> {
                    file.save(next);
                    return true;
                })
                .map(written -> {
                    modes = next;
                    return (Void) null;
                });
    }

    @Override
    public RequestModeTable requestModes() {
        return modes;
    }
}
