package io.vostok.service;

import io.vertx.core.Promise;
import io.vostok.broker.pop.PopReceipt;
import io.vostok.broker.pop.PopRequest;
import io.vostok.broker.session.ClientChannel;
import io.vostok.model.TopicName;
import java.util.List;

/** What the owner of pop state does with the calls of all event loops, on its own. Promises complete there. */
public interface PopOwner {
    /** Answers now or later, on the owner's event loop. */
    void pop(PopRequest request, ClientChannel channel, PopListener listener);

    /** Completes when it is in the log that none of these messages comes again; all are tried, the first refusal counts. */
    void ack(List<PopHandle> handles, Promise<Void> done);

    /** Completes with the new receipt when the new time is in the log. */
    void changeInvisible(PopHandle handle, long invisibleMillis, Promise<PopReceipt> done);

    /** Completes when the message is a dead letter of its group and does not come again. */
    void deadLetter(PopHandle handle, Promise<Void> done);

    /** The messages reached nobody: they come again at once. */
    void giveBack(String group, Popped popped);

    /** A group is to go on elsewhere in a topic: its pops that wait look again. */
    void moved(String group, String topic);

    /** A topic was deleted: nothing of it is held any more, and pops that wait for it are refused. */
    void deleted(TopicName topic);

    void closed(ClientChannel channel);

    /** Completes with how many pops wait for just this queue. */
    void waiting(String group, String topic, int queueId, Promise<Integer> done);

    /** Returns what each group has popped of each queue, where that is not settled. */
    List<PopHeld> held();
}
