package io.vostok.service;

import io.vostok.broker.pull.PullRequest;
import io.vostok.broker.session.ClientChannel;

/**
 * A pull that waits for messages.
 *
 * @param channel whose end also ends the wait
 * @param scannedTo where it reads on: nothing before is wanted
 * @param deadlineNanos on the monotonic clock, when it is answered at the latest
 */
record ParkedPull(
        PullRequest request, PullListener listener, ClientChannel channel, long scannedTo, long deadlineNanos) {}
