package io.vostok.bench;

import java.net.InetSocketAddress;

/**
 * The broker that holds the topic.
 *
 * @param queues how many the topic has for reading and writing
 */
record Target(InetSocketAddress broker, String brokerName, String topic, int queues) {}
