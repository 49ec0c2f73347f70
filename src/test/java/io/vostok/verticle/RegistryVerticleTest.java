package io.vostok.verticle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vostok.broker.session.SubscriptionTable;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicTable;
import io.vostok.bus.Bell;
import io.vostok.model.DataVersion;
import io.vostok.model.Permission;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.service.Registry;
import io.vostok.service.Tables;
import io.vostok.store.StoreEvents;
import io.vostok.store.file.SimDisk;
import io.vostok.store.meta.GroupsFile;
import io.vostok.store.meta.TopicsFile;
import io.vostok.time.SystemClock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RegistryVerticleTest {
    private static final DataVersion VERSION = new DataVersion(0, 0, 0);

    private final Vertx vertx = Vertx.vertx();
    private final SimDisk disk = new SimDisk();
    private final Tables tables = new Tables(
            TopicTable.of(List.of(), VERSION), GroupTable.of(List.of(), Map.of(), VERSION), SubscriptionTable.EMPTY);
    private final RegistryVerticle registry = new RegistryVerticle(
            tables,
            new TopicsFile(disk, StoreEvents.NONE),
            new GroupsFile(disk, StoreEvents.NONE),
            new SystemClock(),
            new Bell(vertx, "wished"),
            Future::succeededFuture);

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void aChangeThatFailsTakesNoneOfTheOthersOfItsRoundWithIt() throws Exception {
        await(vertx.deployVerticle(
                registry,
                new DeploymentOptions()
                        .setThreadingModel(ThreadingModel.WORKER)
                        .setWorkerPoolName("registry")
                        .setWorkerPoolSize(1)));
        Topic topic = Topic.of(new TopicName("orders"), 4, Permission.READ_WRITE);
        CompletableFuture<Future<Void>> bad = new CompletableFuture<>();
        CompletableFuture<Future<Void>> good = new CompletableFuture<>();

        Future<Void> first = registry.change((topics, groups, now) -> {
            // Asked for within a round, so all three are of one.
            bad.complete(registry.change((t, g, n) -> {
                throw new IllegalStateException("a change with a bug");
            }));
            good.complete(registry.create(List.of(topic), List.of()));
            return new Registry.Outcome(topics, groups, null);
        });

        await(first);
        await(good.get(10, TimeUnit.SECONDS));
        assertThatThrownBy(() -> await(bad.get(10, TimeUnit.SECONDS))).hasMessageContaining("a change with a bug");
        assertThat(tables.topics().find("orders")).isEqualTo(topic);
    }

    private static void await(Future<?> future) throws Exception {
        future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
