package io.vostok.wire.body;

/** A producer group in a heartbeat. */
public record ProducerData(String groupName) {}
