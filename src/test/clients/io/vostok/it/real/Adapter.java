package io.vostok.it.real;

import io.vostok.it.client.ClientFailure;
import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Decider;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Listener;
import io.vostok.it.client.LitePull;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.PullClient;
import io.vostok.it.client.Pulled;
import io.vostok.it.client.Queue;
import io.vostok.it.client.RealClient;
import io.vostok.it.client.Sent;
import io.vostok.it.client.TransactionalProducer;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.consumer.store.ReadOffsetType;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.client.producer.selector.SelectMessageQueueByHash;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import java.nio.charset.StandardCharsets;
import org.apache.rocketmq.common.message.MessageAccessor;
import org.apache.rocketmq.client.utils.MessageUtil;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * The stock client behind {@link RealClient}. Compiled at test time against the jars of each version: only what all of
 * them have in common may be named here.
 */
public final class Adapter implements RealClient {
    private static final AtomicLong INSTANCES = new AtomicLong();

    private final String nameServers;
    private final boolean tls;
    private final boolean vip;
    private boolean traces;

    public Adapter(String nameServers, boolean tls, boolean vip) {
        this.nameServers = nameServers;
        this.tls = tls;
        this.vip = vip;
    }

    @Override
    public RealClient tracing() {
        Adapter tracing = new Adapter(nameServers, tls, vip);
        tracing.traces = true;
        return tracing;
    }

    private void configure(ClientConfig config, String instance) {
        config.setNamesrvAddr(nameServers);
        config.setInstanceName(instance.isEmpty() ? "it" + INSTANCES.incrementAndGet() + "x" + System.nanoTime() : instance);
        config.setUseTLS(tls);
        config.setVipChannelEnabled(vip);
        config.setPollNameServerInterval(1_000);
        config.setHeartbeatBrokerInterval(1_000);
        config.setPersistConsumerOffsetInterval(500);
    }

    @Override
    public Producer producer(ProducerSpec spec) {
        DefaultMQProducer producer = new DefaultMQProducer(spec.group(), traces, null);
        configure(producer, "");
        producer.setDefaultTopicQueueNums(spec.queues());
        producer.setMaxMessageSize(spec.maxMessageBytes());
        producer.setCompressMsgBodyOverHowmuch(spec.compressFromBytes());
        producer.setRetryTimesWhenSendFailed(spec.retries());
        producer.setRetryTimesWhenSendAsyncFailed(spec.retries());
        producer.setSendMsgTimeout(spec.timeoutMillis());
        run(producer::start);
        return new RealProducer(producer);
    }

    @Override
    public Consumer popConsumer(ConsumerSpec spec, long invisibleMillis, Listener listener) {
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(spec.group(), traces, null);
        run(() -> { // 4.9 has neither.
            DefaultMQPushConsumer.class.getMethod("setClientRebalance", boolean.class).invoke(consumer, false);
            DefaultMQPushConsumer.class.getMethod("setPopInvisibleTime", long.class).invoke(consumer, invisibleMillis);
        });
        return consumer(consumer, spec, listener);
    }

    @Override
    public Consumer consumer(ConsumerSpec spec, Listener listener) {
        return consumer(new DefaultMQPushConsumer(spec.group(), traces, null), spec, listener);
    }

    private Consumer consumer(DefaultMQPushConsumer consumer, ConsumerSpec spec, Listener listener) {
        configure(consumer, spec.instance());
        consumer.setConsumeFromWhere(ConsumeFromWhere.valueOf(spec.fromWhere()));
        if (!spec.fromTimestamp().isEmpty()) {
            consumer.setConsumeTimestamp(spec.fromTimestamp());
        }
        consumer.setConsumeThreadMin(spec.threads());
        consumer.setConsumeThreadMax(spec.threads());
        consumer.setConsumeMessageBatchMaxSize(8);
        consumer.setMaxReconsumeTimes(spec.maxReconsumeTimes());
        // Its threads forget a message a moment before they count it: without a wait, a close tells the offset before.
        if (!spec.orderly()) consumer.setAwaitTerminationMillisWhenShutdown(2_000);
        if (spec.broadcasting()) {
            // The enum's package differs between 4.9 and 5.x.
            for (var model : consumer.getMessageModel().getDeclaringClass().getEnumConstants()) {
                if (model.name().equals("BROADCASTING")) {
                    consumer.setMessageModel(model);
                }
            }
        }
        if (spec.orderly()) {
            consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> listener.take(got(messages))
                    ? ConsumeOrderlyStatus.SUCCESS
                    : ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT);
        } else {
            consumer.registerMessageListener(
                    (MessageListenerConcurrently) (messages, context) -> listener.take(got(messages))
                            ? ConsumeConcurrentlyStatus.CONSUME_SUCCESS
                            : ConsumeConcurrentlyStatus.RECONSUME_LATER);
        }
        run(() -> {
            if (spec.expression().startsWith(ConsumerSpec.SQL)) {
                consumer.subscribe(spec.topic(), selector(spec));
            } else {
                consumer.subscribe(spec.topic(), spec.expression());
            }
            consumer.start();
        });
        return new RealConsumer(consumer);
    }

    private static MessageSelector selector(ConsumerSpec spec) {
        return MessageSelector.bySql(spec.expression().substring(ConsumerSpec.SQL.length()));
    }

    @Override
    public TransactionalProducer transactional(ProducerSpec spec, Decider decider) {
        TransactionMQProducer producer = new TransactionMQProducer(spec.group());
        configure(producer, "");
        producer.setDefaultTopicQueueNums(spec.queues());
        producer.setSendMsgTimeout(spec.timeoutMillis());
        producer.setTransactionListener(new TransactionListener() {
            @Override
            public LocalTransactionState executeLocalTransaction(Message message, Object draft) {
                return state(decider.execute((Draft) draft));
            }

            @Override
            public LocalTransactionState checkLocalTransaction(MessageExt half) {
                return state(decider.check(got(List.of(half)).get(0)));
            }
        });
        run(producer::start);
        return new TransactionalProducer() {
            @Override
            public Sent send(Draft draft) {
                return sendAgain(draft, 1).get(0);
            }

            @Override
            public List<Sent> sendAgain(Draft draft, int times) {
                Message message = message(draft);
                List<Sent> answers = new ArrayList<>();
                for (int i = 0; i < times; i++) {
                    answers.add(call(() -> sent(producer.sendMessageInTransaction(message, draft))));
                }
                return answers;
            }

            @Override
            public void close() {
                producer.shutdown();
            }
        };
    }

    private static LocalTransactionState state(Decider.Outcome outcome) {
        return switch (outcome) {
            case COMMIT -> LocalTransactionState.COMMIT_MESSAGE;
            case ROLLBACK -> LocalTransactionState.ROLLBACK_MESSAGE;
            case UNKNOW -> LocalTransactionState.UNKNOW;
        };
    }

    @Override
    public PullClient puller(String group) {
        DefaultMQPullConsumer consumer = new DefaultMQPullConsumer(group);
        configure(consumer, "");
        run(consumer::start);
        return new RealPuller(consumer);
    }

    @Override
    public LitePull litePull(ConsumerSpec spec) {
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(spec.group());
        configure(consumer, spec.instance());
        consumer.setConsumeFromWhere(ConsumeFromWhere.valueOf(spec.fromWhere()));
        consumer.setAutoCommit(false);
        run(() -> {
            if (spec.expression().startsWith(ConsumerSpec.SQL)) {
                consumer.subscribe(spec.topic(), selector(spec));
            } else if (!spec.topic().isEmpty()) {
                consumer.subscribe(spec.topic(), spec.expression());
            }
            consumer.start();
        });
        return new RealLitePull(consumer);
    }

    private record RealProducer(DefaultMQProducer producer) implements Producer {
        @Override
        public Sent send(Draft draft) {
            return call(() -> sent(producer.send(message(draft))));
        }

        @Override
        public Sent send(Draft draft, Queue queue) {
            return call(() -> sent(producer.send(message(draft), queue(queue))));
        }

        @Override
        public List<Sent> sendAgain(Draft draft, int answers, int attempts) {
            Message message = message(draft);
            List<Sent> answered = new ArrayList<>();
            for (int attempt = 1; answered.size() < answers; attempt++) {
                try {
                    answered.add(call(() -> sent(producer.send(message))));
                } catch (ClientFailure failure) {
                    if (attempt >= attempts) throw failure;
                }
            }
            return answered;
        }

        @Override
        public Sent sendByKey(Draft draft, String key) {
            return call(() -> sent(producer.send(message(draft), new SelectMessageQueueByHash(), key)));
        }

        @Override
        public CompletableFuture<Sent> sendAsync(Draft draft) {
            CompletableFuture<Sent> answer = new CompletableFuture<>();
            run(() -> producer.send(message(draft), new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                    answer.complete(sent(result));
                }

                @Override
                public void onException(Throwable problem) {
                    answer.completeExceptionally(failure(problem));
                }
            }));
            return answer;
        }

        @Override
        public void sendOneWay(Draft draft) {
            run(() -> producer.sendOneway(message(draft)));
        }

        @Override
        public Sent sendBatch(List<Draft> drafts) {
            List<Message> messages = new ArrayList<>();
            for (Draft draft : drafts) {
                messages.add(message(draft));
            }
            return call(() -> sent(producer.send(messages)));
        }

        @Override
        public String request(Draft draft, long timeoutMillis) {
            return call(() -> new String(
                    producer.request(message(draft), timeoutMillis).getBody(), StandardCharsets.UTF_8));
        }

        @Override
        public Sent reply(Got request, String text) {
            Message asked = new Message(request.queue().topic(), request.body());
            request.properties().forEach((key, value) -> MessageAccessor.putProperty(asked, key, value));
            return call(() -> sent(producer.send(
                    MessageUtil.createReplyMessage(asked, text.getBytes(StandardCharsets.UTF_8)))));
        }

        @Override
        public List<Queue> queues(String topic) {
            return call(() -> queuesOf(producer.fetchPublishMessageQueues(topic)));
        }

        @Override
        public List<Got> query(String topic, String key, int most, long beginMillis, long endMillis) {
            return call(() -> got(producer.queryMessage(topic, key, most, beginMillis, endMillis).getMessageList()));
        }

        @Override
        public Got view(String topic, String messageId) {
            return call(() -> got(List.of(producer.viewMessage(topic, messageId))).get(0));
        }

        @Override
        public String recall(String topic, String handle) {
            return call(() -> {
                try {
                    return String.valueOf(DefaultMQProducer.class
                            .getMethod("recallMessage", String.class, String.class)
                            .invoke(producer, topic, handle));
                } catch (InvocationTargetException thrown) {
                    throw (Exception) thrown.getCause();
                }
            });
        }

        @Override
        public void close() {
            producer.shutdown();
        }
    }

    private record RealConsumer(DefaultMQPushConsumer consumer) implements Consumer {
        @Override
        public Set<Queue> owned() {
            Set<Queue> all = new HashSet<>();
            consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable().forEach((queue, state) -> {
                if (!state.isDropped() && !queue.getTopic().startsWith("%RETRY%")) {
                    all.add(queue(queue));
                }
            });
            return all;
        }

        @Override
        public void subscribe(String topic, String expression) {
            run(() -> consumer.subscribe(topic, expression));
        }

        @Override
        public boolean idle() {
            return consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable().values().stream()
                    .allMatch(state -> state.getMsgCount().get() == 0);
        }

        @Override
        public void close() {
            consumer.shutdown();
        }
    }

    private record RealPuller(DefaultMQPullConsumer consumer) implements PullClient {
        @Override
        public List<Queue> queues(String topic) {
            return call(() -> queuesOf(consumer.fetchSubscribeMessageQueues(topic)));
        }

        @Override
        public Pulled pull(Queue queue, String expression, long offset, int max) {
            return call(() -> pulled(consumer.pull(queue(queue), expression, offset, max)));
        }

        @Override
        public Pulled pullWaiting(Queue queue, String expression, long offset, int max) {
            return call(() -> pulled(consumer.pullBlockIfNotFound(queue(queue), expression, offset, max)));
        }

        @Override
        public long minOffset(Queue queue) {
            return call(() -> consumer.minOffset(queue(queue)));
        }

        @Override
        public long maxOffset(Queue queue) {
            return call(() -> consumer.maxOffset(queue(queue)));
        }

        @Override
        public long offsetAt(Queue queue, long storedMillis) {
            return call(() -> consumer.searchOffset(queue(queue), storedMillis));
        }

        @Override
        public long committed(Queue queue) {
            return call(() -> consumer.getOffsetStore().readOffset(queue(queue), ReadOffsetType.READ_FROM_STORE));
        }

        @Override
        public void commit(Queue queue, long offset) {
            run(() -> consumer.getOffsetStore().updateConsumeOffsetToBroker(queue(queue), offset, false));
        }

        @Override
        public void close() {
            consumer.shutdown();
        }
    }

    private record RealLitePull(DefaultLitePullConsumer consumer) implements LitePull {
        @Override
        public List<Queue> queues(String topic) {
            return call(() -> queuesOf(consumer.fetchMessageQueues(topic)));
        }

        @Override
        public void assign(List<Queue> queues) {
            List<MessageQueue> all = new ArrayList<>();
            for (Queue queue : queues) {
                all.add(queue(queue));
            }
            consumer.assign(all);
        }

        @Override
        public Set<Queue> assigned() {
            return call(() -> new HashSet<>(queuesOf(consumer.assignment())));
        }

        @Override
        public List<Got> poll(Duration atMost) {
            return got(consumer.poll(atMost.toMillis()));
        }

        @Override
        public void seek(Queue queue, long offset) {
            run(() -> consumer.seek(queue(queue), offset));
        }

        @Override
        public void commit() {
            consumer.commitSync();
        }

        @Override
        public long committed(Queue queue) {
            return call(() -> consumer.committed(queue(queue)));
        }

        @Override
        public void close() {
            consumer.shutdown();
        }
    }

    private static Message message(Draft draft) {
        Message message = new Message(draft.topic(), draft.body());
        if (!draft.tags().isEmpty()) {
            message.setTags(draft.tags());
        }
        if (!draft.keys().isEmpty()) {
            message.setKeys(draft.keys());
        }
        message.setFlag(draft.flag());
        draft.properties().forEach((name, value) -> {
            if (name.equals("DELAY")) {
                message.setDelayTimeLevel(Integer.parseInt(value));
            } else if (name.startsWith("TIMER_") || name.equals("_SYS_MSG_PRIORITY_")) {
                // Newer clients have setters for them and refuse the names.
                MessageAccessor.putProperty(message, name, value);
            } else {
                message.putUserProperty(name, value);
            }
        });
        return message;
    }

    private static Sent sent(SendResult result) {
        String ids = result.getOffsetMsgId();
        return new Sent(
                result.getSendStatus().name(),
                result.getMsgId(),
                ids == null ? List.of() : List.of(ids.split(",")),
                queue(result.getMessageQueue()),
                result.getQueueOffset(),
                recallHandle(result));
    }

    /** 4.9 has no such thing. */
    private static String recallHandle(SendResult result) {
        try {
            Object handle = SendResult.class.getMethod("getRecallHandle").invoke(result);
            return handle == null ? "" : handle.toString();
        } catch (NoSuchMethodException old) {
            return "";
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("getRecallHandle", e);
        }
    }

    private static Pulled pulled(PullResult result) {
        return new Pulled(
                result.getPullStatus().name(),
                result.getNextBeginOffset(),
                result.getMinOffset(),
                result.getMaxOffset(),
                result.getMsgFoundList() == null ? List.of() : got(result.getMsgFoundList()));
    }

    private static List<Got> got(List<MessageExt> messages) {
        List<Got> all = new ArrayList<>(messages.size());
        for (MessageExt m : messages) {
            Map<String, String> properties = new HashMap<>(m.getProperties());
            all.add(new Got(
                    new Queue(m.getTopic(), m.getBrokerName() == null ? "" : m.getBrokerName(), m.getQueueId()),
                    m.getQueueOffset(),
                    m.getCommitLogOffset(),
                    m.getBody(),
                    m.getTags() == null ? "" : m.getTags(),
                    m.getKeys() == null ? "" : m.getKeys(),
                    m.getFlag(),
                    m.getSysFlag(),
                    properties,
                    m.getMsgId(),
                    m.getBornHost().toString(),
                    m.getStoreHost().toString(),
                    m.getBornTimestamp(),
                    m.getStoreTimestamp(),
                    m.getReconsumeTimes()));
        }
        return all;
    }

    private static List<Queue> queuesOf(Collection<MessageQueue> queues) {
        return queues.stream().sorted().map(Adapter::queue).toList();
    }

    private static Queue queue(MessageQueue queue) {
        return new Queue(queue.getTopic(), queue.getBrokerName(), queue.getQueueId());
    }

    private static MessageQueue queue(Queue queue) {
        return new MessageQueue(queue.topic(), queue.broker(), queue.index());
    }

    private interface Work {
        void run() throws Exception;
    }

    private interface Question<T> {
        T ask() throws Exception;
    }

    private static void run(Work work) {
        call(() -> {
            work.run();
            return null;
        });
    }

    private static <T> T call(Question<T> question) {
        try {
            return question.ask();
        } catch (Exception problem) {
            throw failure(problem);
        }
    }

    private static ClientFailure failure(Throwable problem) {
        int code = -1;
        for (Throwable at = problem; at != null && code < 0; at = at.getCause()) {
            if (at instanceof MQBrokerException) {
                code = ((MQBrokerException) at).getResponseCode();
            } else if (at instanceof MQClientException) {
                code = ((MQClientException) at).getResponseCode();
            }
        }
        return new ClientFailure(code, problem.toString(), problem);
    }
}
