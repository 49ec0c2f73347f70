package io.vostok.it.client;

import java.util.List;

/** Answer of one pull; {@code status} is the name of the client's PullStatus. */
public record Pulled(String status, long nextOffset, long minOffset, long maxOffset, List<Got> messages) {}
