package io.vostok.service;

import io.vostok.broker.pull.PullRequest;

/** A pull that waits for messages. */
record ParkedPull(PullRequest request, PullListener listener) {}
