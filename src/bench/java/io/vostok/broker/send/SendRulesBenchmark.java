package io.vostok.broker.send;

import io.vostok.bench.PerOperation;
import io.vostok.broker.topic.BrokerIdentity;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.topic.TopicSettings;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.DataVersion;
import io.vostok.model.Permission;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What is decided about an ordinary send, and what is put on its properties. */
@State(Scope.Thread)
public class SendRulesBenchmark extends PerOperation {
    private static final DataVersion VERSION = new DataVersion(0, 0, 0);

    private final SendRules rules = new SendRules(
            new SendSettings(6, 4 << 20, "DefaultCluster", "DefaultRegion", true),
            new TopicRules(
                    TopicSettings.defaults(),
                    new BrokerIdentity("DefaultCluster", "broker-a", 0, "127.0.0.1", 10_911)),
            new Random(1));
    private final TopicTable topics = TopicTable.of(
            List.of(Topic.of(new TopicName("orders"), 8, Permission.READ_WRITE)), VERSION);
    private final GroupTable groups = GroupTable.of(List.of(), Map.of(), VERSION);
    private final Send send =
            new Send("orders-producer", "orders", "TBW102", 4, 3, 0, 1_700_000_000_000L, 0, 0, false, -1, false);
    private final byte[] properties =
            "UNIQ_KEY\u00017F0000010B9C0000000000000000ABCD\u0002WAIT\u0001true\u0002TAGS\u0001created\u0002KEYS\u0001order-1\u0002"
                    .getBytes(StandardCharsets.UTF_8);
    private final PropertiesEditor editor = new PropertiesEditor();

    @Benchmark
    public int decideAndComplete() {
        editor.load(properties, 0, properties.length);
        SendDecision decision = rules.decide(send, editor, 1024, topics, groups, group -> false);
        if (!(decision instanceof SendDecision.Store)) throw new IllegalStateException("refused");
        rules.complete(editor);
        return editor.length();
    }
}
