package io.vostok.it.apache;

import java.io.PrintWriter;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.rocketmq.broker.offset.ConsumerOffsetManager;
import org.apache.rocketmq.broker.subscription.SubscriptionGroupManager;
import org.apache.rocketmq.broker.topic.TopicConfigManager;
import org.apache.rocketmq.common.BrokerConfig;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.store.DefaultMessageStore;
import org.apache.rocketmq.store.GetMessageResult;
import org.apache.rocketmq.store.GetMessageStatus;
import org.apache.rocketmq.store.QueryMessageResult;
import org.apache.rocketmq.store.config.MessageStoreConfig;
import org.apache.rocketmq.store.stats.BrokerStatsManager;

/**
 * Opens a store folder with Apache's own classes and writes everything that is in it to a file, one fact a line,
 * fields parted by tabs, texts in Base64.
 *
 * <p>Arguments: the folder, the size of its log files, the file to write, keys to look up as
 * {@code topic#key} parted by semicolons.
 */
public final class StoreDump {
    private static PrintWriter out;

    public static void main(String[] args) throws Exception {
        Path store = Path.of(args[0]);
        out = new PrintWriter(Files.newBufferedWriter(Path.of(args[2])));
        config(store.resolve("config"));

        MessageStoreConfig config = new MessageStoreConfig();
        config.setStorePathRootDir(store.toString());
        config.setStorePathCommitLog(store.resolve("commitlog").toString());
        config.setMappedFileSizeCommitLog(Integer.parseInt(args[1]));
        config.setDiskMaxUsedSpaceRatio(95);
        try (ServerSocket probe = new ServerSocket(0)) {
            config.setHaListenPort(probe.getLocalPort());
        }
        DefaultMessageStore messages = new DefaultMessageStore(
                config,
                new BrokerStatsManager("DefaultCluster", true),
                (topic, queue, offset, tags, time, bitmap, properties) -> {},
                new BrokerConfig(),
                new ConcurrentHashMap<>());
        if (!messages.load()) {
            throw new IllegalStateException("Apache's store did not load " + store);
        }
        messages.start();
        while (messages.dispatchBehindBytes() > 0) {
            Thread.onSpinWait();
        }
        for (var topic : new TreeMap<>(messages.getConsumeQueueTable()).entrySet()) {
            for (int queue : new TreeMap<>(topic.getValue()).keySet()) {
                queue(messages, topic.getKey(), queue);
            }
        }
        line("log", messages.getMinPhyOffset(), messages.getMaxPhyOffset());
        for (String question : args[3].split(";")) {
            if (!question.isEmpty()) query(messages, question.substring(0, question.indexOf('#')), question.substring(question.indexOf('#') + 1));
        }
        messages.shutdown();
        line("end");
        out.close();
        System.exit(0);
    }

    private static void queue(DefaultMessageStore messages, String topic, int queue) throws Exception {
        long min = messages.getMinOffsetInQueue(topic, queue);
        long max = messages.getMaxOffsetInQueue(topic, queue);
        line("queue", topic, queue, min, max);
        long at = min;
        while (at < max) {
            GetMessageResult result = messages.getMessage("dump", topic, queue, at, 32, null);
            try {
                if (result.getStatus() != GetMessageStatus.FOUND) {
                    throw new IllegalStateException(topic + "/" + queue + " at " + at + ": " + result.getStatus());
                }
                for (ByteBuffer buffer : result.getMessageBufferList()) {
                    message(topic, queue, MessageDecoder.decode(buffer, true, true));
                }
                at = result.getNextBeginOffset();
            } finally {
                result.release();
            }
        }
    }

    /** What Apache's index leads to; it does not tell keys with one hash apart. */
    private static void query(DefaultMessageStore messages, String topic, String key) {
        QueryMessageResult result = messages.queryMessage(topic, key, 64, 0, Long.MAX_VALUE);
        try {
            for (ByteBuffer buffer : result.getMessageBufferList()) {
                line("found", topic + "#" + key, MessageDecoder.decode(buffer, true, true).getCommitLogOffset());
            }
        } finally {
            result.release();
        }
    }

    private static void message(String topic, int queue, MessageExt m) {
        if (m == null || !m.getTopic().equals(topic) || m.getQueueId() != queue) {
            throw new IllegalStateException("not a message of " + topic + "/" + queue + ": " + m);
        }
        StringBuilder properties = new StringBuilder();
        new TreeMap<>(m.getProperties())
                .forEach((name, value) ->
                        properties.append(text(name)).append(':').append(text(value)).append(';'));
        line(
                "message",
                topic,
                queue,
                m.getQueueOffset(),
                m.getCommitLogOffset(),
                Base64.getEncoder().encodeToString(m.getBody()),
                m.getFlag(),
                m.getSysFlag(),
                m.getBornTimestamp(),
                m.getStoreTimestamp(),
                m.getReconsumeTimes(),
                properties);
    }

    private static void config(Path folder) throws Exception {
        Path topicsFile = folder.resolve("topics.json");
        if (Files.exists(topicsFile)) {
            TopicConfigManager topics = new TopicConfigManager();
            topics.decode(Files.readString(topicsFile));
            topics.getTopicConfigTable()
                    .forEach((name, topic) -> line(
                            "topic", name, topic.getReadQueueNums(), topic.getWriteQueueNums(), topic.getPerm()));
        }
        Path groupsFile = folder.resolve("subscriptionGroup.json");
        if (Files.exists(groupsFile)) {
            SubscriptionGroupManager groups = new SubscriptionGroupManager();
            groups.decode(Files.readString(groupsFile));
            groups.getSubscriptionGroupTable().forEach((name, group) -> line("group", name, group.isConsumeEnable()));
        }
        Path offsetsFile = folder.resolve("consumerOffset.json");
        if (Files.exists(offsetsFile)) {
            ConsumerOffsetManager offsets = new ConsumerOffsetManager();
            offsets.decode(Files.readString(offsetsFile));
            ConcurrentMap<String, ConcurrentMap<Integer, Long>> table = offsets.getOffsetTable();
            table.forEach((key, byQueue) -> byQueue.forEach((queue, offset) -> line("offset", key, queue, offset)));
        }
    }

    private static String text(String value) {
        return Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
    }

    private static void line(Object... fields) {
        for (int i = 0; i < fields.length; i++) {
            if (i > 0) {
                out.print('\t');
            }
            out.print(fields[i]);
        }
        out.println();
    }
}
