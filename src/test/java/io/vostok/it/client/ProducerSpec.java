package io.vostok.it.client;

/**
 * How a producer is to be built.
 *
 * @param queues queues asked for when a topic is made by the first send
 * @param maxMessageBytes what the client itself refuses
 * @param compressFromBytes bodies larger than this are compressed by the client
 */
public record ProducerSpec(
        String group, int queues, int maxMessageBytes, int compressFromBytes, int retries, int timeoutMillis) {

    public static ProducerSpec of(String group) {
        return new ProducerSpec(group, 4, 4 * 1024 * 1024, 4096, 2, 10_000);
    }

    public ProducerSpec queues(int newQueues) {
        return new ProducerSpec(group, newQueues, maxMessageBytes, compressFromBytes, retries, timeoutMillis);
    }

    public ProducerSpec maxMessageBytes(int bytes) {
        return new ProducerSpec(group, queues, bytes, compressFromBytes, retries, timeoutMillis);
    }

    public ProducerSpec compressFromBytes(int bytes) {
        return new ProducerSpec(group, queues, maxMessageBytes, bytes, retries, timeoutMillis);
    }

    public ProducerSpec retries(int newRetries) {
        return new ProducerSpec(group, queues, maxMessageBytes, compressFromBytes, newRetries, timeoutMillis);
    }

    public ProducerSpec timeoutMillis(int newTimeoutMillis) {
        return new ProducerSpec(group, queues, maxMessageBytes, compressFromBytes, retries, newTimeoutMillis);
    }
}
