package io.vostok.nameserver;

/**
 * Who a broker says it is. All names are the broker's own words: foreign brokers may use names that {@code model} refuses.
 *
 * @param name shared by a master and its slaves
 * @param address {@code ip:port} under which clients reach it
 */
public record BrokerId(String cluster, String name, String address) {}
