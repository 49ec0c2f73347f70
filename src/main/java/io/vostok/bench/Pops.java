package io.vostok.bench;

import io.netty.buffer.ByteBuf;
import io.vostok.model.MessageProperties;
import io.vostok.time.Clock;
import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.FrameBuilder;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Pops from any queue and acks each message by itself, as the Java push consumer does. A slot that popped acks all it got before
 * it pops again. Only pops are timed; a message counts once it is acked. The group is a new one, which begins at the first message.
 */
final class Pops implements Work {
    private static final long INVISIBLE_MILLIS = 60_000;
    private static final byte[] NO_BODY = new byte[0];

    private final Plan plan;
    private final Target target;
    private final Tallies tallies;
    private final Clock clock;
    private final String group;
    private final FrameBuilder builder = new FrameBuilder();
    private final RecordView record = new RecordView();
    private final Map<Line, Slot[]> slots = new HashMap<>();

    private static final class Slot {
        final Deque<Ack> left = new ArrayDeque<>();

        @Nullable
        Ack sent;
    }

    /** A message to ack; {@code topic} is the retry topic for one that comes again. */
    private record Ack(String topic, int queue, long offset, String receipt, int payloadBytes) {}

    Pops(Plan plan, Target target, Tallies tallies, Clock clock) {
        this.plan = plan;
        this.target = target;
        this.tallies = tallies;
        this.clock = clock;
        this.group = "vostok-bench-popper-" + clock.wallMillis();
    }

    @Override
    public void issue(Line line, int slot) {
        Slot state = slot(line, slot);
        Ack ack = state.left.poll();
        state.sent = ack;
        if (ack == null) pop(line, slot);
        else ack(line, slot, ack);
    }

    @Override
    public void answered(Line line, int slot, Command answer, ByteBuf body, long waitedNanos) {
        Slot state = slot(line, slot);
        Ack ack = state.sent;
        if (answer.code() == ResponseCode.SUCCESS) {
            if (ack != null) {
                tallies.success(1, ack.payloadBytes());
            } else {
                tallies.took(waitedNanos);
                popped(state, answer, body.nioBuffer());
            }
        } else if (ack != null || answer.code() != ResponseCode.POLLING_TIMEOUT) {
            tallies.refused(answer.code(), answer.remark());
        }
    }

    private Slot slot(Line line, int slot) {
        return slots.computeIfAbsent(line, each -> {
            Slot[] made = new Slot[each.slots()];
            for (int i = 0; i < made.length; i++) made[i] = new Slot();
            return made;
        })[slot];
    }

    private void pop(Line line, int slot) {
        builder.request(plan.load().encoding(), slot, RequestCode.POP_MESSAGE, false)
                .field("consumerGroup", group)
                .field("topic", target.topic())
                .field("queueId", -1)
                .field("maxMsgNums", plan.take().fetch())
                .field("invisibleTime", INVISIBLE_MILLIS)
                .field("pollTime", 15_000)
                .field("bornTime", clock.wallMillis())
                .field("initMode", 0)
                .field("expType", "TAG")
                .field("exp", "*")
                .field("order", false)
                .field("bname", target.brokerName());
        line.write(slot, builder, builder.end(0), NO_BODY);
    }

    private void ack(Line line, int slot, Ack ack) {
        builder.request(plan.load().encoding(), slot, RequestCode.ACK_MESSAGE, false)
                .field("consumerGroup", group)
                .field("topic", ack.topic())
                .field("queueId", ack.queue())
                .field("extraInfo", ack.receipt())
                .field("offset", ack.offset())
                .field("bname", target.brokerName());
        line.write(slot, builder, builder.end(0), NO_BODY);
    }

    /** Notes what is to be acked, with the receipts that a client makes of the answer's fields (remoting reference 8.2). */
    private void popped(Slot state, Command answer, ByteBuffer body) {
        String common = " " + answer.fields().requireText("popTime") + " "
                + answer.fields().requireText("invisibleTime") + " "
                + answer.fields().requireText("reviveQid") + " 0 " + target.brokerName() + " ";
        String starts = ";" + answer.fields().requireText("startOffsetInfo") + ";";
        for (int at = body.position(); at < body.limit(); ) {
            record.wrap(body, at);
            at += record.sizeBytes();
            String given = record.property(MessageProperties.POP_CK);
            int queue = record.queueId();
            long offset = record.queueOffset();
            String receipt = given != null ? given : start(starts, queue) + common + queue + " " + offset;
            String[] parts = receipt.split(" ", -1);
            String topic = switch (parts[4]) {
                case "0" -> target.topic();
                case "1" -> "%RETRY%" + group + "_" + target.topic();
                default -> "%RETRY%" + group + "+" + target.topic();
            };
            state.left.add(
                    new Ack(topic, Integer.parseInt(parts[6]), Long.parseLong(parts[7]), receipt, record.bodyLength()));
        }
    }

    private static String start(String starts, int queue) {
        String entry = ";0 " + queue + " ";
        int from = starts.indexOf(entry);
        if (from < 0) throw new IllegalStateException("no start offset of queue " + queue + " in " + starts);
        return starts.substring(from + entry.length(), starts.indexOf(';', from + entry.length()));
    }
}
