package io.vostok.front.remoting;

import io.vostok.broker.offset.OffsetReset;
import io.vostok.broker.topic.GroupTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.GroupName;
import io.vostok.service.GroupAdmin;
import io.vostok.wire.RequestCode;
import io.vostok.wire.body.AdminAnswers;
import io.vostok.wire.body.ConsumeStats;
import io.vostok.wire.body.ConsumeStatsList;
import io.vostok.wire.body.ConsumerGroupJson;
import io.vostok.wire.body.ConsumerOffsetTable;
import io.vostok.wire.body.QueueOffsets;
import io.vostok.wire.body.QueueTimes;
import io.vostok.wire.body.SubscriptionGroupTable;
import io.vostok.wire.body.TopicList;
import io.vostok.wire.frame.Call;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.Fields;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Administration of consumer groups and their progress on the remoting protocol (remoting reference 14.2, 14.5). One per event loop. */
final class GroupAdminCommands {
    private final GroupAdmin groups;
    private final String brokerAddress;

    /** @param brokerAddress of this broker as {@code host:port}, told in some answers */
    GroupAdminCommands(GroupAdmin groups, String brokerAddress) {
        this.groups = groups;
        this.brokerAddress = brokerAddress;
    }

    /** Handles the request; false when it is none of these. */
    boolean handle(Command command, ByteBuffer body, Connection connection) {
        Call call = command.call();
        Fields fields = command.fields();
        switch (command.code()) {
            case RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP ->
                Replies.answer(
                        groups.change(List.of(ConsumerGroupJson.read(body))), call, connection, nothing -> Reply.ok());
            case RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST ->
                Replies.answer(
                        groups.change(ConsumerGroupJson.readList(body)), call, connection, nothing -> Reply.ok());
            case RequestCode.DELETE_SUBSCRIPTIONGROUP -> delete(fields, call, connection);
            case RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG -> connection.reply(call, all());
            case RequestCode.GET_SUBSCRIPTIONGROUP_CONFIG ->
                Replies.answer(
                        groups.find(fields.requireText("group")),
                        call,
                        connection,
                        (ConsumerGroup group) -> Reply.body(ConsumerGroupJson.write(group)));
            case RequestCode.UPDATE_AND_GET_GROUP_FORBIDDEN -> permit(fields, call, connection);
            case RequestCode.QUERY_TOPICS_BY_CONSUMER ->
                connection.reply(
                        call,
                        Reply.body(
                                new TopicList(List.copyOf(groups.topics(fields.requireText("group"))), null).write()));
            case RequestCode.GET_CONSUME_STATS -> progress(fields, call, connection);
            case RequestCode.GET_BROKER_CONSUME_STATS -> progressOfAll(fields, call, connection);
            case RequestCode.QUERY_CONSUME_TIME_SPAN ->
                Replies.answer(
                        groups.times(fields.requireText("group"), fields.requireText("topic")),
                        call,
                        connection,
                        (List<QueueTimes> times) -> Reply.body(QueueTimes.write(times)));
            case RequestCode.INVOKE_BROKER_TO_RESET_OFFSET -> reset(fields, call, connection);
            case RequestCode.CLONE_GROUP_OFFSET ->
                Replies.answer(
                        groups.copyOffsets(
                                fields.requireText("srcGroup"), fields.requireText("destGroup"), fields.text("topic")),
                        call,
                        connection,
                        nothing -> Reply.ok());
            case RequestCode.GET_ALL_CONSUMER_OFFSET ->
                Replies.answer(
                        groups.offsets(),
                        call,
                        connection,
                        (ConsumerOffsetTable offsets) -> Reply.body(offsets.write()));
            case RequestCode.QUERY_CORRECTION_OFFSET -> corrections(fields, call, connection);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** 5.x tools say cleanOffset, 4.9 ones removeOffset. */
    private void delete(Fields fields, Call call, Connection connection) {
        boolean withOffsets = fields.flagOr("cleanOffset", fields.flagOr("removeOffset", false));
        Replies.answer(
                groups.delete(fields.requireText("groupName"), withOffsets), call, connection, nothing -> Reply.ok());
    }

    /** Whole at once: without the field totalGroupNum, clients take the first answer as complete. */
    private Reply all() {
        GroupTable table = groups.all();
        Map<GroupName, ConsumerGroup> byName = new TreeMap<>();
        for (ConsumerGroup group : table.all()) byName.put(group.name(), group);
        Map<GroupName, Map<String, Integer>> forbidden = new TreeMap<>();
        table.forbidden().forEach((group, topics) -> forbidden.put(new GroupName(group), topics));
        return Reply.body(new SubscriptionGroupTable(byName, forbidden, table.version()).write());
    }

    private void permit(Fields fields, Call call, Connection connection) {
        String group = fields.requireText("group");
        String topic = fields.requireText("topic");
        @Nullable Boolean wish = fields.text("readable") == null ? null : fields.flagOr("readable", true);
        Replies.answer(
                groups.permit(group, topic, wish),
                call,
                connection,
                (Boolean readable) -> Reply.body(AdminAnswers.permission(group, topic, readable)));
    }

    private void progress(Fields fields, Call call, Connection connection) {
        Set<String> topics = words(fields.text("topicList"), ";");
        if (topics.isEmpty()) topics = words(fields.text("topic"), ";");
        Replies.answer(
                groups.progress(fields.requireText("consumerGroup"), topics),
                call,
                connection,
                (ConsumeStats stats) -> Reply.body(stats.write()));
    }

    private void progressOfAll(Fields fields, Call call, Connection connection) {
        Replies.answer(
                groups.progressOfAll(fields.flagOr("isOrder", false)),
                call,
                connection,
                (Map<String, List<ConsumeStats>> all) -> Reply.body(new ConsumeStatsList(all, brokerAddress).write()));
    }

    private void reset(Fields fields, Call call, Connection connection) {
        OffsetReset wish = new OffsetReset(
                fields.requireText("group"),
                fields.requireText("topic"),
                fields.requireLong("timestamp"),
                fields.intOr("queueId", OffsetReset.ALL_QUEUES),
                fields.longOr("offset", OffsetReset.BY_TIME));
        Replies.answer(
                groups.reset(wish), call, connection, (QueueOffsets offsets) -> Reply.body(offsets.writeOffsetTable()));
    }

    private void corrections(Fields fields, Call call, Connection connection) {
        Replies.answer(
                groups.corrections(
                        fields.requireText("topic"),
                        fields.requireText("compareGroup"),
                        words(fields.text("filterGroups"), ",")),
                call,
                connection,
                (Map<Integer, Long> offsets) -> Reply.body(AdminAnswers.corrections(offsets)));
    }

    private static Set<String> words(@Nullable String text, String separator) {
        Set<String> words = new TreeSet<>();
        if (text == null) return words;
        Arrays.stream(text.split(separator, -1))
                .map(String::trim)
                .filter(word -> !word.isEmpty())
                .forEach(words::add);
        return words;
    }
}
