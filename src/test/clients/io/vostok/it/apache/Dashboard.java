package io.vostok.it.apache;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.common.MixAll;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageClientIDSetter;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.stats.Stats;
import org.apache.rocketmq.remoting.protocol.admin.ConsumeStats;
import org.apache.rocketmq.remoting.protocol.admin.OffsetWrapper;
import org.apache.rocketmq.remoting.protocol.admin.TopicOffset;
import org.apache.rocketmq.remoting.protocol.body.ClusterInfo;
import org.apache.rocketmq.remoting.protocol.body.Connection;
import org.apache.rocketmq.remoting.protocol.body.ConsumerConnection;
import org.apache.rocketmq.remoting.protocol.body.ConsumerRunningInfo;
import org.apache.rocketmq.remoting.protocol.body.GroupList;
import org.apache.rocketmq.remoting.protocol.body.SubscriptionGroupWrapper;
import org.apache.rocketmq.remoting.protocol.route.BrokerData;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;
import org.apache.rocketmq.tools.admin.api.MessageTrack;

/**
 * Calls the admin client as Apache's Dashboard does for its pages, in the order in which a person would open them, and writes
 * what the page would show as lines {@code name=value}. An action that throws writes its name and the exception.
 *
 * <p>Arguments: name server, topic, group that is online, group with a dead letter, producer group, key of a message.
 */
public final class Dashboard {
    private interface Page {
        Object show() throws Exception;
    }

    private static void page(String name, Page page) {
        String shown;
        try {
            shown = String.valueOf(page.show());
        } catch (Exception e) {
            shown = "Exception " + e;
        }
        System.out.println(name + "=" + shown.replace('\n', ' '));
    }

    public static void main(String[] args) throws Exception {
        String topic = args[1];
        String group = args[2];
        String deadGroup = args[3];
        String producerGroup = args[4];
        String key = args[5];
        DefaultMQAdminExt admin = new DefaultMQAdminExt(5_000);
        admin.setNamesrvAddr(args[0]);
        admin.setInstanceName("dashboard");
        admin.start();
        DefaultMQPullConsumer reader = new DefaultMQPullConsumer(MixAll.TOOLS_CONSUMER_GROUP);
        reader.setNamesrvAddr(args[0]);
        reader.start();
        try {
            ClusterInfo cluster = admin.examineBrokerClusterInfo();
            String address = cluster.getBrokerAddrTable().values().iterator().next().selectBrokerAddr();
            cluster(admin, cluster, address, topic, group);
            topics(admin, address, topic, group);
            groups(admin, address, topic, group, producerGroup);
            messages(admin, reader, topic, group, key);
            deadLetters(admin, reader, topic, deadGroup);
            changes(admin, address);
        } finally {
            reader.shutdown();
            admin.shutdown();
        }
        System.exit(0);
    }

    private static void cluster(
            DefaultMQAdminExt admin, ClusterInfo cluster, String address, String topic, String group) {
        page("cluster.names", () -> cluster.getClusterAddrTable().keySet());
        page("cluster.brokers", () -> {
            Map<String, Map<Long, String>> brokers = new TreeMap<>();
            for (BrokerData broker : cluster.getBrokerAddrTable().values()) {
                brokers.put(broker.getBrokerName(), broker.getBrokerAddrs());
            }
            return brokers;
        });
        for (String figure : List.of(
                "brokerVersionDesc",
                "putTps",
                "getTransferredTps",
                "msgPutTotalTodayNow",
                "msgPutTotalTodayMorning",
                "msgPutTotalYesterdayMorning",
                "msgGetTotalTodayNow",
                "msgGetTotalTodayMorning",
                "commitLogDiskRatio",
                "bootTimestamp")) {
            page("runtime." + figure, () -> admin.fetchBrokerRuntimeStats(address).getTable().get(figure));
        }
        page("config.brokerName", () -> admin.getBrokerConfig(address).get("brokerName"));
        page("stats.topic", () -> admin.viewBrokerStatsData(address, Stats.TOPIC_PUT_NUMS, topic)
                .getStatsMinute()
                .getSum());
        page("stats.group", () -> admin.viewBrokerStatsData(address, Stats.GROUP_GET_NUMS, topic + "@" + group)
                .getStatsMinute()
                .getSum());
        page("stats.groupDay", () -> admin.viewBrokerStatsData(address, Stats.GROUP_GET_NUMS, topic + "@" + group)
                .getStatsDay()
                .getSum());
    }

    private static void topics(DefaultMQAdminExt admin, String address, String topic, String group) {
        page("topic.list", () -> admin.fetchAllTopicList().getTopicList().contains(topic));
        page("topic.system", () -> new TreeSet<>(admin.getDefaultMQAdminExtImpl()
                .getMqClientInstance()
                .getMQClientAPIImpl()
                .getSystemTopicList(5_000)
                .getTopicList()));
        page("topic.config", () -> {
            TopicConfig config = admin.examineTopicConfig(address, topic);
            return config.getReadQueueNums() + " " + config.getPerm() + " " + config.getTopicMessageType();
        });
        page("topic.stats", () -> {
            Map<Integer, String> rows = new TreeMap<>();
            for (Map.Entry<MessageQueue, TopicOffset> row :
                    admin.examineTopicStats(topic).getOffsetTable().entrySet()) {
                TopicOffset offset = row.getValue();
                rows.put(row.getKey().getQueueId(), offset.getMinOffset() + "-" + offset.getMaxOffset());
            }
            return rows;
        });
        page("topic.route", () -> admin.examineTopicRouteInfo(topic).getBrokerDatas().get(0).getBrokerAddrs());
        page("topic.groups", () -> {
            GroupList groups = admin.queryTopicConsumeByWho(topic);
            Map<String, Long> lags = new TreeMap<>();
            for (String each : groups.getGroupList()) {
                lags.put(each, admin.examineConsumeStats(each, topic).computeTotalDiff());
            }
            return lags;
        });
    }

    private static void groups(
            DefaultMQAdminExt admin, String address, String topic, String group, String producerGroup) {
        page("group.list", () -> {
            SubscriptionGroupWrapper all = admin.getAllSubscriptionGroup(address, 5_000);
            return all.getSubscriptionGroupTable().containsKey(group);
        });
        page("group.row", () -> {
            ConsumeStats stats = admin.examineConsumeStats(group);
            ConsumerConnection members = admin.examineConsumerConnectionInfo(group);
            return members.getConnectionSet().size() + " " + members.getConsumeType() + " " + members.getMessageModel()
                    + " lag " + stats.computeTotalDiff() + " tps " + (stats.getConsumeTps() >= 0);
        });
        page("group.queues", () -> {
            Map<MessageQueue, OffsetWrapper> offsets = admin.examineConsumeStats(group, topic).getOffsetTable();
            Map<MessageQueue, String> owners = new TreeMap<>();
            for (Connection member : admin.examineConsumerConnectionInfo(group).getConnectionSet()) {
                ConsumerRunningInfo info = admin.getConsumerRunningInfo(group, member.getClientId(), false);
                info.getMqTable().keySet().forEach(queue -> owners.put(queue, member.getClientId()));
            }
            List<String> rows = new ArrayList<>();
            for (Map.Entry<MessageQueue, OffsetWrapper> row : new TreeMap<>(offsets).entrySet()) {
                OffsetWrapper offset = row.getValue();
                rows.add(row.getKey().getQueueId() + ":" + offset.getConsumerOffset() + "/" + offset.getBrokerOffset()
                        + (owners.containsKey(row.getKey()) ? " owned" : " nobody's")
                        + (offset.getLastTimestamp() > 0 ? " dated" : ""));
            }
            return rows;
        });
        page("group.config", () -> admin.examineSubscriptionGroupConfig(address, group).getRetryMaxTimes());
        page("group.stack", () -> {
            String client = admin.examineConsumerConnectionInfo(group).getConnectionSet().iterator().next().getClientId();
            ConsumerRunningInfo info = admin.getConsumerRunningInfo(group, client, true);
            return info.getSubscriptionSet().stream().anyMatch(each -> each.getTopic().equals(topic)) + " "
                    + info.getJstack().contains("ConsumeMessageThread");
        });
        page("producer.connections", () -> admin.examineProducerConnectionInfo(producerGroup, topic)
                .getConnectionSet()
                .size());
    }

    private static void messages(
            DefaultMQAdminExt admin, DefaultMQPullConsumer reader, String topic, String group, String key) throws Exception {
        List<MessageExt> byKey = admin.queryMessage(topic, key, 64, 0, System.currentTimeMillis()).getMessageList();
        MessageExt found = byKey.get(0);
        String uniqueId = MessageClientIDSetter.getUniqID(found);
        page("message.byKey", () -> byKey.size() + " " + new String(found.getBody(), StandardCharsets.UTF_8));
        page("message.byUniqueId", () -> admin.viewMessage(topic, uniqueId).getKeys());
        page("message.byOffsetId", () -> admin.viewMessage(topic, found.getMsgId()).getKeys());
        page("message.byTime", () -> {
            Set<String> bodies = new TreeSet<>();
            for (MessageQueue queue : reader.fetchSubscribeMessageQueues(topic)) {
                long from = reader.searchOffset(queue, found.getStoreTimestamp() - 3_600_000);
                long to = reader.searchOffset(queue, found.getStoreTimestamp() + 3_600_000);
                for (long at = from; at < to; ) {
                    PullResult result = reader.pull(queue, "*", at, 32);
                    if (result.getMsgFoundList() != null) {
                        result.getMsgFoundList()
                                .forEach(each -> bodies.add(new String(each.getBody(), StandardCharsets.UTF_8)));
                    }
                    at = Math.max(at + 1, result.getNextBeginOffset());
                }
            }
            return bodies.size();
        });
        page("message.tracks", () -> {
            Map<String, String> tracks = new TreeMap<>();
            for (MessageTrack track : admin.messageTrackDetail(admin.viewMessage(topic, uniqueId))) {
                tracks.put(track.getConsumerGroup(), track.getTrackType().name());
            }
            return tracks;
        });
        page("message.consumedDirectly", () -> {
            String client = admin.examineConsumerConnectionInfo(group).getConnectionSet().iterator().next().getClientId();
            return admin.consumeMessageDirectly(group, client, topic, uniqueId).getConsumeResult();
        });
    }

    private static void deadLetters(
            DefaultMQAdminExt admin, DefaultMQPullConsumer reader, String topic, String group) throws Exception {
        String dead = MixAll.getDLQTopic(group);
        page("dlq.route", () -> admin.examineTopicRouteInfo(dead).getQueueDatas().size());
        List<MessageExt> letters = new ArrayList<>();
        for (MessageQueue queue : reader.fetchSubscribeMessageQueues(dead)) {
            PullResult result = reader.pull(queue, "*", reader.minOffset(queue), 32);
            if (result.getMsgFoundList() != null) letters.addAll(result.getMsgFoundList());
        }
        page("dlq.letters", letters::size);
        page("dlq.export", () -> {
            MessageExt letter = admin.viewMessage(dead, letters.get(0).getMsgId());
            return new String(letter.getBody(), StandardCharsets.UTF_8) + " of " + letter.getProperty("DLQ_ORIGIN_TOPIC")
                    + " " + (letter.getProperty("DLQ_ORIGIN_MESSAGE_ID") != null);
        });
        page("dlq.resend", () -> {
            String client = admin.examineConsumerConnectionInfo(group).getConnectionSet().iterator().next().getClientId();
            MessageExt letter = letters.get(0);
            return admin.consumeMessageDirectly(
                            group, client, topic, String.valueOf(letter.getProperty("DLQ_ORIGIN_MESSAGE_ID")))
                    .getConsumeResult();
        });
    }

    private static void changes(DefaultMQAdminExt admin, String address) throws Exception {
        TopicConfig topic = new TopicConfig("by_dashboard", 2, 2, 6);
        page("change.topic", () -> {
            admin.createAndUpdateTopicConfig(address, topic);
            admin.createAndUpdateTopicConfig(address, new TopicConfig("by_dashboard", 3, 3, 6));
            return admin.examineTopicConfig(address, "by_dashboard").getReadQueueNums();
        });
        page("change.group", () -> {
            SubscriptionGroupConfig config = new SubscriptionGroupConfig();
            config.setGroupName("g_by_dashboard");
            config.setRetryMaxTimes(7);
            admin.createAndUpdateSubscriptionGroupConfig(address, config);
            return admin.examineSubscriptionGroupConfig(address, "g_by_dashboard").getRetryMaxTimes();
        });
        page("change.send", () -> {
            org.apache.rocketmq.client.producer.DefaultMQProducer producer =
                    new org.apache.rocketmq.client.producer.DefaultMQProducer("SELF_TEST_P_GROUP");
            producer.setInstanceName("dashboard-send");
            producer.setNamesrvAddr(admin.getNamesrvAddr());
            producer.start();
            try {
                return producer.send(new Message("by_dashboard", "x".getBytes(StandardCharsets.UTF_8)))
                        .getSendStatus();
            } finally {
                producer.shutdown();
            }
        });
        page("change.reset", () -> {
            Map<MessageQueue, Long> set = admin.resetOffsetByTimestamp("by_dashboard", "g_by_dashboard", 0, true);
            return set.size() + " " + set.values().stream().mapToLong(Long::longValue).sum();
        });
        page("change.deleteGroup", () -> {
            admin.deleteSubscriptionGroup(address, "g_by_dashboard", true);
            return admin.getAllSubscriptionGroup(address, 5_000).getSubscriptionGroupTable().containsKey("g_by_dashboard");
        });
        page("change.deleteTopic", () -> {
            admin.deleteTopicInBroker(Set.of(address), "by_dashboard");
            admin.deleteTopicInNameServer(Set.of(admin.getNamesrvAddr()), "by_dashboard");
            return admin.fetchAllTopicList().getTopicList().contains("by_dashboard");
        });
        page("acl.users", () -> admin.listUser(address, ""));
    }
}
