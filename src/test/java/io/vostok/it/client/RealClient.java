package io.vostok.it.client;

/** One version of the stock client, talking to one set of name servers. What it makes must be closed by who asked. */
public interface RealClient {
    /** The same client with message traces; for producers and push consumers. */
    RealClient tracing();

    Producer producer(ProducerSpec spec);

    Consumer consumer(ConsumerSpec spec, Listener listener);

    TransactionalProducer transactional(ProducerSpec spec, Decider decider);

    PullClient puller(String group);

    /** A lite pull consumer; with an empty topic it subscribes to nothing and waits for {@link LitePull#assign}. */
    LitePull litePull(ConsumerSpec spec);
}
