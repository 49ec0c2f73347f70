package io.vostok.front.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.retry.RedriveRules;
import io.vostok.model.GroupName;
import io.vostok.model.OffsetMessageId;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.service.Broker;
import io.vostok.service.KeyQuery;
import io.vostok.service.RedriveAdmin;
import io.vostok.store.KeyReader;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Looks at messages over HTTP without consuming them. One per event loop. */
final class BrowseApi {
    private static final int USUAL_LIMIT = 32;
    /** Reads of one request; each looks at some hundred messages, so a filter that matches nothing ends as an empty page. */
    private static final int MOST_READS = 512;
    /** Reads in one turn of the event loop. */
    private static final int READS_A_TURN = 8;

    private static final int MOST_PAGE_BYTES = 4 << 20;

    private final Vertx vertx;
    private final Broker broker;
    private final RedriveAdmin redrives;
    private final AtomicLong ids;

    /** @param ids of peers, counted downwards */
    BrowseApi(Vertx vertx, Broker broker, RedriveAdmin redrives, AtomicLong ids) {
        this.vertx = vertx;
        this.broker = broker;
        this.redrives = redrives;
        this.ids = ids;
    }

    /** Lists messages: by key, of one queue, or of all queues in the order of their store times. */
    void list(RoutingContext request) {
        list(request, StartingPoint.topic(broker, request.pathParam("topic")), Shown.AS_THEY_ARE);
    }

    /** Lists what a group gave up on, as {@link #list}; none before the first. */
    void listDeadLetters(RoutingContext request) {
        String group = request.pathParam("group");
        @Nullable String problem = GroupName.problem(group);
        if (problem != null) throw new Problem.Found(Problem.badRequest(problem));
        @Nullable Topic topic = broker.topic(TopicName.DLQ_PREFIX + group);
        if (topic == null) Answers.json(request, 200, Pages.list(new JsonArray()));
        else list(request, topic, new DeadLetters(group, new Query(request).text("topic")));
    }

    /** Which of the messages that were read a list shows, and how. */
    private interface Shown {
        Shown AS_THEY_ARE = new Shown() {
            @Override
            public boolean wants(RecordView record) {
                return true;
            }

            @Override
            public Future<JsonArray> complete(JsonArray items) {
                return Future.succeededFuture(items);
            }
        };

        boolean wants(RecordView record);

        Future<JsonArray> complete(JsonArray items);
    }

    /** Tells whence a dead letter came and whether it was sent again. */
    private final class DeadLetters implements Shown {
        private final String group;
        private final @Nullable String origin;

        DeadLetters(String group, @Nullable String origin) {
            this.group = group;
            this.origin = origin;
        }

        @Override
        public boolean wants(RecordView record) {
            return origin == null || origin.equals(RedriveRules.origin(record::property));
        }

        @Override
        public Future<JsonArray> complete(JsonArray items) {
            List<RedriveAdmin.Place> places = new ArrayList<>();
            for (int i = 0; i < items.size(); i++) {
                JsonObject item = items.getJsonObject(i);
                places.add(new RedriveAdmin.Place(item.getInteger("queue"), item.getLong("offset")));
            }
            return redrives.redriven(group, places).map(redriven -> {
                for (int i = 0; i < items.size(); i++) {
                    JsonObject item = items.getJsonObject(i);
                    JsonObject system = item.getJsonObject("systemProperties");
                    item.put("originTopic", RedriveRules.origin(system::getString))
                            .put("redriven", redriven.get(i));
                }
                return items;
            });
        }
    }

    private void list(RoutingContext request, Topic topic, Shown shown) {
        Query query = new Query(request);
        @Nullable String key = query.text("key");
        if (key != null) {
            byKey(request, query, topic, key, shown);
        } else {
            new Page(request, query, topic, shown).start();
        }
    }

    private void byKey(RoutingContext request, Query query, Topic topic, String key, Shown shown) {
        for (String other : List.of("queue", "offset", "next", "filter", "tag")) {
            if (query.text(other) != null) {
                throw new Problem.Found(Problem.badRequest("`key` cannot be combined with `" + other + "`"));
            }
        }
        @Nullable String from = query.text("from");
        @Nullable String to = query.text("to");
        KeyQuery wanted = new KeyQuery(
                topic.name().value(),
                key,
                KeyReader.Kind.ANY,
                query.integer("limit", USUAL_LIMIT),
                from == null ? 0 : Query.millis("from", from),
                to == null ? Long.MAX_VALUE : Query.millis("to", to));
        MessageJson.BodyForm form = MessageJson.BodyForm.of(query.text("body"));
        Answers.when(request, broker.query(wanted), ruling -> {
            @Nullable Refused refused = ruling.refused();
            if (refused != null) throw new Problem.Found(Problem.of(refused));
            JsonArray items = new JsonArray();
            RecordView view = new RecordView();
            for (ByteBuffer record : ruling.value().records()) {
                if (shown.wants(view.wrap(record, 0))) items.add(MessageJson.of(view, form));
            }
            Answers.when(
                    request, shown.complete(items), completed -> Answers.json(request, 200, Pages.list(completed)));
        });
    }

    /** Shows one message, named by the id the broker gave it or by its unique id. */
    void get(RoutingContext request) {
        Topic topic = StartingPoint.topic(broker, request.pathParam("topic"));
        String id = request.pathParam("id");
        MessageJson.BodyForm form = MessageJson.BodyForm.of(new Query(request).text("body"));
        KeyQuery byUniqueId = new KeyQuery(topic.name().value(), id, KeyReader.Kind.UNIQUE, 1, 0, Long.MAX_VALUE);
        Future<@Nullable ByteBuffer> found = broker.query(byUniqueId).compose(ruling -> {
            @Nullable Refused refused = ruling.refused();
            if (refused != null) throw new Problem.Found(Problem.of(refused));
            List<ByteBuffer> records = ruling.value().records();
            return records.isEmpty() ? atPosition(id) : Future.succeededFuture(records.get(0));
        });
        Answers.when(request, found, record -> {
            RecordView view = new RecordView();
            if (record == null
                    || !view.wrap(record, 0).topic().equals(topic.name().value())) {
                throw new Problem.Found(Problem.notFound("no message `" + Shape.shown(id) + "` in topic `"
                        + topic.name() + "`; it may be past its retention"));
            }
            Answers.json(request, 200, MessageJson.of(view, form));
        });
    }

    /** A unique id of Java clients has the form of a message id, too; such a position holds no message then. */
    private Future<@Nullable ByteBuffer> atPosition(String id) {
        long position;
        try {
            position = OffsetMessageId.parse(id).physicalOffset();
        } catch (IllegalArgumentException noPosition) {
            return Future.succeededFuture(null);
        }
        if (position < 0) return Future.succeededFuture(null);
        return broker.view(position).map(BrowseApi::valueOrNull);
    }

    private static @Nullable ByteBuffer valueOrNull(Ruling<ByteBuffer> ruling) {
        return ruling.refused() == null ? ruling.value() : null;
    }

    /**
     * One page of messages. Looks at the next message of each queue, and takes the one that was stored first until the page
     * is full, nothing is left, or the work that one request may cause is done. Of the others only the places are kept.
     */
    private final class Page implements Reader.Listener {
        private final RoutingContext request;
        private final Shown shown;
        private final Reader reader;
        private final HttpPeer peer;
        private final MessageJson.BodyForm form;
        private final int limit;
        private final long toMillis;
        private final int firstQueue;
        private final long[] next;
        private final @Nullable Head[] heads;
        private final boolean[] ended;
        private final List<JsonObject> items = new ArrayList<>();
        private int reading;
        private boolean taking;
        private int reads;
        private long bytes;

        /** The place of a message that is wanted and not taken yet. */
        private record Head(long storeMillis, long offset) {}

        Page(RoutingContext request, Query query, Topic topic, Shown shown) {
            this.shown = shown;
            this.request = request;
            this.reader = Reader.of(broker, topic.name().value(), query.text("tag"), query.text("filter"));
            this.peer = new HttpPeer(
                    ids.decrementAndGet(), String.valueOf(request.request().remoteAddress()), () -> {});
            this.form = MessageJson.BodyForm.of(query.text("body"));
            this.limit = query.integer("limit", USUAL_LIMIT);
            @Nullable String to = query.text("to");
            this.toMillis = to == null ? Long.MAX_VALUE : Query.millis("to", to);
            @Nullable Long offset = query.number("offset");
            @Nullable String from = query.text("from");
            @Nullable String cursor = query.text("next");
            if (offset != null && (query.text("queue") == null || from != null || cursor != null)) {
                throw new Problem.Found(
                        Problem.badRequest("`offset` needs `queue`, and is given without `from` and `next`"));
            }
            if (query.text("queue") == null) {
                firstQueue = 0;
                int queues = StartingPoint.queues(topic);
                next = StartingPoint.offsets(
                        broker, topic, queues, from == null ? StartingPoint.EARLIEST : from, cursor);
            } else {
                firstQueue = query.integer("queue", 0);
                if (firstQueue >= topic.readQueues()) {
                    throw new Problem.Found(Problem.badRequest("queue " + firstQueue + " of topic `" + topic.name()
                            + "` does not exist, it has " + topic.readQueues()));
                }
                next = new long[] {oneQueue(topic, offset, from, cursor)};
            }
            heads = new Head[next.length];
            ended = new boolean[next.length];
        }

        private long oneQueue(Topic topic, @Nullable Long offset, @Nullable String from, @Nullable String cursor) {
            if (offset != null) return offset;
            if (cursor != null) {
                long @Nullable [] given = Cursor.read(cursor, 1);
                if (given == null) throw new Problem.Found(Problem.badRequest("`next` is no place in one queue"));
                return given[0];
            }
            return StartingPoint.offset(broker, topic, firstQueue, from == null ? StartingPoint.EARLIEST : from);
        }

        void start() {
            go();
        }

        private void go() {
            for (int turn = 0; turn < READS_A_TURN; ) {
                if (request.response().ended() || request.response().closed()) return;
                int queue = nextToRead();
                if (queue >= 0 && reads < MOST_READS) {
                    reading = queue;
                    reads++;
                    turn++;
                    reader.read(firstQueue + queue, next[queue], 1, 0, 0, peer, this);
                    continue;
                }
                // Without a head of every queue nobody knows which message comes first.
                if (queue >= 0 || items.size() >= limit || bytes > MOST_PAGE_BYTES || !takeFirst()) {
                    answer();
                    return;
                }
            }
            vertx.runOnContext(again -> Answers.guarded(request, this::go));
        }

        private int nextToRead() {
            for (int i = 0; i < heads.length; i++) {
                if (heads[i] == null && !ended[i]) return i;
            }
            return -1;
        }

        private boolean takeFirst() {
            int first = -1;
            @Nullable Head chosen = null;
            for (int i = 0; i < heads.length; i++) {
                @Nullable Head head = heads[i];
                if (head != null && (chosen == null || head.storeMillis() < chosen.storeMillis())) {
                    first = i;
                    chosen = head;
                }
            }
            if (chosen == null) return false;
            taking = true;
            reader.read(firstQueue + first, chosen.offset(), 1, 0, 0, peer, this);
            taking = false;
            next[first] = chosen.offset() + 1;
            heads[first] = null;
            return true;
        }

        @Override
        public void message(RecordView record) {
            if (taking) {
                items.add(MessageJson.of(record, form));
                bytes += record.sizeBytes();
                return;
            }
            if (record.storeTimestamp() > toMillis) {
                ended[reading] = true;
                return;
            }
            if (!shown.wants(record)) return;
            heads[reading] = new Head(record.storeTimestamp(), record.queueOffset());
        }

        @Override
        public void end(long nextOffset, boolean atEnd, boolean moved) {
            if (taking || heads[reading] != null || ended[reading]) return;
            // What does not match is left behind; the next page does not look at it again.
            if (nextOffset <= next[reading]) {
                ended[reading] = true;
            } else {
                next[reading] = nextOffset;
                ended[reading] = atEnd;
            }
        }

        @Override
        public void refused(Refused refused) {
            throw new Problem.Found(Problem.of(refused));
        }

        /** There is a next page unless every queue was read to its end; new messages may come there later all the same. */
        private void answer() {
            boolean all = true;
            for (int i = 0; i < heads.length; i++) all &= ended[i] && heads[i] == null;
            JsonArray page = new JsonArray();
            for (JsonObject item : items) page.add(item);
            @Nullable String following = all ? null : Cursor.write(next);
            Answers.when(
                    request,
                    shown.complete(page),
                    completed ->
                            Answers.json(request, 200, Pages.list(completed).put("next", following)));
        }
    }
}
