package io.vostok.service;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.Refusal;
import io.vostok.broker.Ruling;
import io.vostok.broker.session.ConsumerView;
import io.vostok.broker.session.Member;
import io.vostok.broker.session.ProducerView;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.OffsetMessageId;
import io.vostok.model.Topic;
import io.vostok.time.Clock;
import io.vostok.wire.RequestCode;
import io.vostok.wire.body.BadBodyException;
import io.vostok.wire.body.ProducerTable;
import io.vostok.wire.body.QueueOffsets;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Connected clients of this process's broker, for administrators; used on one event loop. */
final class LocalClientAdmin implements ClientAdmin {
    /** How long a client may take to answer, as at Apache's. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final byte[] NO_BODY = {};

    private final ContextInternal loop;
    private final Tables tables;
    private final SessionsClient sessions;
    private final RecentProducers recent;
    private final LocalQueries queries;
    private final Clock clock;
    private final String brokerName;

    LocalClientAdmin(
            ContextInternal loop,
            Tables tables,
            SessionsClient sessions,
            RecentProducers recent,
            LocalQueries queries,
            Clock clock,
            String brokerName) {
        this.loop = loop;
        this.tables = tables;
        this.sessions = sessions;
        this.recent = recent;
        this.queries = queries;
        this.clock = clock;
        this.brokerName = brokerName;
    }

    @Override
    public Ruling<ConsumerView> consumers(String group) {
        @Nullable ConsumerView online = tables.subscriptions().find(group);
        return online == null
                ? Ruling.denied(Refusal.NO_MEMBER, "no consumer of group `" + group + "` is connected")
                : Ruling.granted(online);
    }

    @Override
    public Collection<ConsumerView> consumers() {
        return tables.subscriptions().all();
    }

    @Override
    public Future<Map<String, List<ProducerTable.Producer>>> producers() {
        return sessions.producers().map(byGroup -> {
            long nanos = clock.monotonicNanos();
            long millis = clock.wallMillis();
            Map<String, List<ProducerTable.Producer>> shown = new TreeMap<>();
            byGroup.forEach((group, producers) -> shown.put(
                    group,
                    producers.stream()
                            .map(each -> shown(each, millis - (nanos - each.seenNanos()) / 1_000_000))
                            .toList()));
            return shown;
        });
    }

    @Override
    public Future<List<TopicProducer>> producersOf(String topic) {
        return sessions.producers()
                .map(byGroup -> recent.of(topic).stream()
                        .map(entry -> new TopicProducer(
                                entry.group(),
                                clientId(byGroup.getOrDefault(entry.group(), List.of()), entry.address()),
                                entry.address(),
                                entry.sentMillis()))
                        .sorted(Comparator.comparingLong(TopicProducer::sentMillis)
                                .reversed())
                        .toList());
    }

    private static @Nullable String clientId(List<ProducerView> producers, String address) {
        for (ProducerView each : producers) {
            if (each.member().channel().address().equals(address))
                return each.member().clientId();
        }
        return null;
    }

    private static ProducerTable.Producer shown(ProducerView producer, long seenMillis) {
        Member member = producer.member();
        return new ProducerTable.Producer(
                member.clientId(), member.channel().address(), member.language(), member.version(), seenMillis);
    }

    @Override
    public Future<PeerAnswer> runningInfo(String group, String clientId, Map<String, String> fields) {
        return ask(group, clientId, RequestCode.GET_CONSUMER_RUNNING_INFO, fields, NO_BODY);
    }

    @Override
    public Future<PeerAnswer> consumeDirectly(
            String group, String clientId, String messageId, Map<String, String> fields) {
        long position;
        try {
            position = OffsetMessageId.parse(messageId).physicalOffset();
        } catch (IllegalArgumentException wrong) {
            return Future.failedFuture(Refusals.refuse(
                    Refusal.INVALID_ARGUMENT, "`" + messageId + "` is no id of a broker: " + wrong.getMessage()));
        }
        return queries.view(position).compose(found -> {
            ByteBuffer record = Refusals.orThrow(found);
            Map<String, String> more = new LinkedHashMap<>(fields);
            more.put("brokerName", brokerName);
            more.put("topicSysFlag", Integer.toString(topicSysFlag(record, tables.topics())));
            more.put("groupSysFlag", Integer.toString(groupSysFlag(group, tables.groups())));
            byte[] body = new byte[record.remaining()];
            record.duplicate().get(body);
            return ask(group, clientId, RequestCode.CONSUME_MESSAGE_DIRECTLY, more, body);
        });
    }

    private static int topicSysFlag(ByteBuffer record, TopicTable topics) {
        RecordView view = new RecordView();
        view.wrap(record, record.position());
        @Nullable Topic topic = topics.find(view.topic());
        return topic == null ? 0 : topic.sysFlag();
    }

    private static int groupSysFlag(String name, GroupTable groups) {
        @Nullable ConsumerGroup group = groups.find(name);
        return group == null ? 0 : group.sysFlag();
    }

    @Override
    public Future<Map<String, QueueOffsets>> positions(String group, String topic, @Nullable String clientId) {
        Map<String, Future<PeerAnswer>> asked = new LinkedHashMap<>();
        @Nullable ConsumerView online = tables.subscriptions().find(group);
        for (Member member : online == null ? List.<Member>of() : online.members()) {
            boolean meant = clientId == null || clientId.isEmpty() || clientId.equals(member.clientId());
            if (!meant || !(member.channel() instanceof Peer peer)) continue;
            asked.put(
                    member.clientId(),
                    peer.ask(
                            RequestCode.GET_CONSUMER_STATUS_FROM_CLIENT,
                            Map.of("topic", topic, "group", group),
                            NO_BODY,
                            PATIENCE));
        }
        if (asked.isEmpty()) return Future.failedFuture(notOnline(group, clientId));
        return here(Future.join(new ArrayList<>(asked.values()))).transform(done -> {
            Map<String, QueueOffsets> positions = new TreeMap<>();
            asked.forEach((client, answer) -> {
                @Nullable QueueOffsets told = told(answer);
                if (told != null) positions.put(client, told);
            });
            return positions.isEmpty()
                    ? Future.failedFuture(
                            Refusals.refuse(Refusal.NO_ANSWER, "no consumer of group `" + group + "` answered"))
                    : Future.succeededFuture(positions);
        });
    }

    /** Null when the client did not answer, refused, or sent what cannot be read. */
    private static @Nullable QueueOffsets told(Future<PeerAnswer> answer) {
        if (answer.failed() || answer.result().code() != 0) return null;
        try {
            return QueueOffsets.read(answer.result().body());
        } catch (BadBodyException broken) {
            return null; // counts as no answer: who asked learns of the others
        }
    }

    private Future<PeerAnswer> ask(String group, String clientId, int code, Map<String, String> fields, byte[] body) {
        @Nullable ConsumerView online = tables.subscriptions().find(group);
        for (Member member : online == null ? List.<Member>of() : online.members()) {
            if (!member.clientId().equals(clientId) || !(member.channel() instanceof Peer peer)) continue;
            return here(peer.ask(code, fields, body, PATIENCE))
                    .recover(silent -> Future.failedFuture(
                            Refusals.refuse(Refusal.NO_ANSWER, String.valueOf(silent.getMessage()))));
        }
        return Future.failedFuture(notOnline(group, clientId));
    }

    private static Registry.RefusedException notOnline(String group, @Nullable String clientId) {
        return Refusals.refuse(
                Refusal.NO_MEMBER,
                clientId == null || clientId.isEmpty()
                        ? "no consumer of group `" + group + "` is connected"
                        : "consumer `" + clientId + "` of group `" + group + "` is not connected");
    }

    private <T> Future<T> here(Future<T> elsewhere) {
        Promise<T> here = loop.promise();
        elsewhere.onComplete(here);
        return here.future();
    }
}
