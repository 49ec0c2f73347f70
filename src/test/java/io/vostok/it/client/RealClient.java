package io.vostok.it.client;

/** One version of the stock client, talking to one set of name servers. What it makes must be closed by who asked. */
public interface RealClient {
    /** The same client with message traces; for producers and push consumers. */
    RealClient tracing();

    Producer producer(ProducerSpec spec);

    Consumer consumer(ConsumerSpec spec, Listener listener);

    TransactionalProducer transactional(ProducerSpec spec, Decider decider);

    /** A consumer of a 5.x client that lets the broker divide the queues, and pops where the broker says so. */
    Consumer popConsumer(ConsumerSpec spec, long invisibleMillis, Listener listener);

    PullClient puller(String group);

    /** A lite pull consumer; with an empty topic it subscribes to nothing and waits for {@link LitePull#assign}. */
    LitePull litePull(ConsumerSpec spec);
}
