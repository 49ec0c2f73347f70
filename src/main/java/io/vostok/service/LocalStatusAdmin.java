package io.vostok.service;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.Ruling;
import io.vostok.broker.admin.AdminSettings;
import io.vostok.metrics.Meter;
import io.vostok.metrics.Rates;
import io.vostok.metrics.Traffic;
import io.vostok.model.DataVersion;
import io.vostok.model.QueueId;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.MessageStore;
import io.vostok.store.Watermarks;
import io.vostok.store.file.Disk;
import io.vostok.store.timer.DelayQueues;
import io.vostok.time.Clock;
import io.vostok.wire.body.DelayOffsetTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** This process's broker as a whole, for administrators; used on one event loop. */
final class LocalStatusAdmin implements StatusAdmin {
    private final ContextInternal loop;
    private final Tables tables;
    private final MessageStore store;
    private final Disk disk;
    private final StoreKeeper keeper;
    private final SettingsOwner settings;
    private final Supplier<@Nullable DelayOffsetTable> delays;
    private final Traffic traffic;
    private final Clock clock;
    private final LocalQueries queries;
    private final LongSupplier inFlightBytes;
    private final long startedMillis;

    LocalStatusAdmin(
            ContextInternal loop,
            Tables tables,
            MessageStore store,
            Disk disk,
            StoreKeeper keeper,
            SettingsOwner settings,
            Supplier<@Nullable DelayOffsetTable> delays,
            Traffic traffic,
            Clock clock,
            LocalQueries queries,
            LongSupplier inFlightBytes,
            long startedMillis) {
        this.loop = loop;
        this.tables = tables;
        this.store = store;
        this.disk = disk;
        this.keeper = keeper;
        this.settings = settings;
        this.delays = delays;
        this.traffic = traffic;
        this.clock = clock;
        this.queries = queries;
        this.inFlightBytes = inFlightBytes;
        this.startedMillis = startedMillis;
    }

    @Override
    public Future<BrokerStatus> status() {
        return queries.run(() -> status(delivered()));
    }

    private BrokerStatus status(DelayOffsetTable delivered) {
        Watermarks marks = store.watermarks();
        long first = store.view().firstPosition();
        return new BrokerStatus(
                store.log().refusal() == null,
                startedMillis,
                clock.wallMillis(),
                first,
                marks.appended(),
                marks.appended() - marks.flushed(),
                marks.confirmed() - marks.dispatched(),
                store.view().storeMillis(first),
                disk.usedRatio(),
                disk.freeBytes(),
                inFlightBytes.getAsLong(),
                tables.topics().size(),
                tables.groups().size(),
                tables.subscriptions().size(),
                levels(delivered));
    }

    private List<BrokerStatus.DelayLevelStatus> levels(DelayOffsetTable delivered) {
        List<BrokerStatus.DelayLevelStatus> levels = new ArrayList<>();
        new TreeMap<>(delivered.offsets()).forEach((level, offset) -> {
            @Nullable
            ConsumeQueue queue = level < 1 ? null : store.queues().find(new QueueId(DelayQueues.TOPIC, level - 1));
            levels.add(new BrokerStatus.DelayLevelStatus(level, offset, queue == null ? 0 : queue.maxOffset()));
        });
        return levels;
    }

    @Override
    public AdminSettings settings() {
        return settings.settings();
    }

    @Override
    public Future<Void> change(Map<String, String> changes) {
        return here(settings.change(now -> {
            Ruling<AdminSettings> ruling = now.with(changes);
            return Refusals.orThrow(ruling);
        }));
    }

    @Override
    public @Nullable Rates rates(Measure measure, String topic, String group) {
        Meter meter = switch (measure) {
            case PUT -> traffic.puts();
            case GET -> traffic.gets();
            case SENT_BACK -> traffic.sentBack();
        };
        long now = clock.monotonicNanos();
        return topic.isEmpty() ? meter.rates(now) : meter.rates(topic, group, now);
    }

    @Override
    public Traffic traffic() {
        return traffic;
    }

    @Override
    public Future<Void> cleanLog() {
        return here(keeper.cleanLog());
    }

    @Override
    public Future<Void> cleanQueues() {
        return here(keeper.cleanQueues());
    }

    @Override
    public Future<DelayOffsetTable> delayOffsets() {
        return queries.run(this::delivered);
    }

    private DelayOffsetTable delivered() {
        @Nullable DelayOffsetTable saved = delays.get();
        return saved == null ? new DelayOffsetTable(Map.of(), new DataVersion(0, 0, 0)) : saved;
    }

    private <T> Future<T> here(Future<T> elsewhere) {
        Promise<T> here = loop.promise();
        elsewhere.onComplete(here);
        return here.future();
    }
}
