package io.vostok.metrics;

/** What happened in the last minute, hour and day, each up to a sixth longer, or since the start. */
public record Rates(Rate minute, Rate hour, Rate day) {}
