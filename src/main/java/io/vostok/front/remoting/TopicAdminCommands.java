package io.vostok.front.remoting;

import io.vostok.broker.topic.TopicChange;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.service.TopicAdmin;
import io.vostok.wire.RequestCode;
import io.vostok.wire.body.AdminAnswers;
import io.vostok.wire.body.QueueUnits;
import io.vostok.wire.body.TopicConfigTable;
import io.vostok.wire.body.TopicJson;
import io.vostok.wire.body.TopicList;
import io.vostok.wire.body.TopicStats;
import io.vostok.wire.frame.Call;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.Fields;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Administration of topics on the remoting protocol (remoting reference 14.1). One per event loop. */
final class TopicAdminCommands {
    private static final String MULTI_TAG = "MULTI_TAG";

    private final TopicAdmin topics;

    TopicAdminCommands(TopicAdmin topics) {
        this.topics = topics;
    }

    /** Handles the request; false when it is none of these. */
    boolean handle(Command command, ByteBuffer body, Connection connection) {
        Call call = command.call();
        Fields fields = command.fields();
        switch (command.code()) {
            case RequestCode.UPDATE_AND_CREATE_TOPIC ->
                Replies.answer(topics.change(List.of(change(fields))), call, connection, nothing -> Reply.ok());
            case RequestCode.UPDATE_AND_CREATE_TOPIC_LIST ->
                Replies.answer(topics.change(changes(body)), call, connection, nothing -> Reply.ok());
            case RequestCode.DELETE_TOPIC_IN_BROKER ->
                Replies.answer(topics.delete(fields.requireText("topic")), call, connection, nothing -> Reply.ok());
            case RequestCode.GET_ALL_TOPIC_CONFIG -> connection.reply(call, all());
            case RequestCode.GET_TOPIC_CONFIG -> connection.reply(call, topic(fields));
            case RequestCode.GET_TOPIC_STATS_INFO ->
                Replies.answer(
                        topics.stats(fields.requireText("topic")),
                        call,
                        connection,
                        (TopicStats stats) -> Reply.body(stats.write()));
            case RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_BROKER -> connection.reply(call, systemTopics());
            case RequestCode.QUERY_TOPIC_CONSUME_BY_WHO ->
                connection.reply(call, Reply.body(AdminAnswers.groups(topics.groups(fields.requireText("topic")))));
            case RequestCode.QUERY_CONSUME_QUEUE -> units(fields, call, connection);
            case RequestCode.CLEAN_UNUSED_TOPIC ->
                Replies.answer(topics.deleteUnused(), call, connection, nothing -> Reply.ok());
            default -> {
                return false;
            }
        }
        return true;
    }

    private static TopicChange change(Fields fields) {
        return new TopicChange(
                fields.requireText("topic"),
                fields.requireInt("readQueueNums"),
                fields.requireInt("writeQueueNums"),
                fields.requireInt("perm"),
                MULTI_TAG.equals(fields.text("topicFilterType")),
                fields.intOr("topicSysFlag", 0),
                fields.flagOr("order", false),
                textOr(fields.text("attributes"), ""));
    }

    /** The list carries topics as they are stored, but their attributes are signed as in a single change. */
    private static List<TopicChange> changes(ByteBuffer body) {
        List<TopicChange> changes = new ArrayList<>();
        for (Topic topic : TopicJson.readList(body)) {
            List<String> signed = new ArrayList<>();
            new TreeMap<>(topic.attributes()).forEach((name, value) -> signed.add(name + "=" + value));
            changes.add(new TopicChange(
                    topic.name().value(),
                    topic.readQueues(),
                    topic.writeQueues(),
                    topic.perm(),
                    topic.multiTag(),
                    topic.sysFlag(),
                    topic.order(),
                    String.join(",", signed)));
        }
        return changes;
    }

    /** Whole at once: without the field totalTopicNum, clients take the first answer as complete. */
    private Reply all() {
        TopicTable table = topics.all();
        Map<TopicName, Topic> byName = new TreeMap<>();
        for (Topic topic : table.all()) byName.put(topic.name(), topic);
        return Reply.body(new TopicConfigTable(byName, table.version()).write());
    }

    private Reply topic(Fields fields) {
        return Replies.of(topics.find(fields.requireText("topic")), topic -> Reply.body(TopicJson.write(topic)));
    }

    private Reply systemTopics() {
        List<String> names = topics.all().all().stream()
                .map(topic -> topic.name().value())
                .filter(topics::isSystem)
                .sorted()
                .toList();
        return Reply.body(new TopicList(names, null).write());
    }

    private void units(Fields fields, Call call, Connection connection) {
        Replies.answer(
                topics.units(
                        fields.requireText("topic"),
                        fields.requireInt("queueId"),
                        fields.requireLong("index"),
                        fields.requireInt("count"),
                        fields.text("consumerGroup")),
                call,
                connection,
                (QueueUnits units) -> Reply.body(units.write()));
    }

    private static String textOr(@Nullable String text, String whenAbsent) {
        return text == null ? whenAbsent : text;
    }
}
