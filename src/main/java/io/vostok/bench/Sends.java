package io.vostok.bench;

import io.netty.buffer.ByteBuf;
import io.vostok.time.Clock;
import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.Fields;
import io.vostok.wire.frame.FrameBuilder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends as a Java client does: the short header of SEND_MESSAGE_V2, a unique id among the properties, round robin over the
 * queues. The property {@code n} goes from 0 to 9 in turn, for conditions. A transactional send is committed as soon as it is
 * answered.
 */
final class Sends implements Work {
    static final String GROUP = "vostok-bench-producer";

    private static final int PREPARED = 4;
    private static final int COMMIT = 8;
    private static final int BATCH_ENTRY_BYTES = 22;

    private final Plan plan;
    private final Target target;
    private final Tallies tallies;
    private final FrameBuilder builder = new FrameBuilder();
    private final byte[] body;
    private final Clock clock;
    /** With the counter behind it as long as a Java client's unique id. */
    private final String idPrefix;

    private final @Nullable Pace pace;
    private final Deque<Idle> idle = new ArrayDeque<>();
    private int counter;

    private record Idle(Line line, int slot) {}

    Sends(Plan plan, Target target, Tallies tallies, Clock clock, RandomGenerator random) {
        this.plan = plan;
        this.target = target;
        this.tallies = tallies;
        this.clock = clock;
        byte[] host = new byte[12];
        random.nextBytes(host);
        this.idPrefix = HexFormat.of().withUpperCase().formatHex(host);
        this.body =
                plan.content().batch() > 1 ? batch(plan) : filled(plan.content().bodyBytes());
        this.pace = plan.load().rate() > 0
                ? new Pace(plan.load().rate() / plan.content().batch(), clock.monotonicNanos())
                : null;
    }

    @Override
    public void issue(Line line, int slot) {
        if (pace == null) send(line, slot);
        else if (pace.due(clock.monotonicNanos())) sendPaced(line, slot, pace);
        else idle.add(new Idle(line, slot));
    }

    @Override
    public void tick(long nowNanos) {
        if (pace == null) return;
        while (!idle.isEmpty() && pace.due(nowNanos)) {
            Idle next = idle.remove();
            sendPaced(next.line(), next.slot(), pace);
            next.line().flush();
        }
    }

    @Override
    public void answered(Line line, int slot, Command answer, ByteBuf nothing, long waitedNanos) {
        if (answer.code() != ResponseCode.SUCCESS) {
            tallies.refused(answer.code(), answer.remark());
            return;
        }
        if (plan.mode() == Plan.Mode.TRANSACTION) commit(line, answer.fields());
        tallies.success(
                plan.content().batch(),
                (long) plan.content().batch() * plan.content().bodyBytes());
        tallies.took(waitedNanos);
    }

    private void sendPaced(Line line, int slot, Pace paced) {
        paced.take();
        send(line, slot);
    }

    private void send(Line line, int slot) {
        send(line, slot, body);
    }

    /** Sends one message, or one batch, with {@code payload} as its body. */
    void send(Line line, int slot, byte[] payload) {
        boolean several = plan.content().batch() > 1;
        builder.request(
                        plan.load().encoding(),
                        slot,
                        several ? RequestCode.SEND_BATCH_MESSAGE : RequestCode.SEND_MESSAGE_V2,
                        false)
                .field("a", GROUP)
                .field("b", target.topic())
                .field("c", "TBW102")
                .field("d", 8)
                .field("e", Integer.remainderUnsigned(counter, target.queues()))
                .field("f", plan.mode() == Plan.Mode.TRANSACTION ? PREPARED : 0)
                .field("g", clock.wallMillis())
                .field("h", 0)
                .field("i", several ? "" : properties())
                .field("j", 0)
                .field("k", false)
                .field("m", several)
                .field("n", target.brokerName());
        counter++;
        line.write(slot, builder, builder.end(payload.length), payload);
    }

    private String properties() {
        StringBuilder text = new StringBuilder(96);
        text.append("UNIQ_KEY\u0001").append(idPrefix);
        String hex = Integer.toHexString(counter);
        for (int i = hex.length(); i < 8; i++) text.append('0');
        text.append(hex).append("\u0002WAIT\u0001true\u0002n\u0001");
        text.append((char) ('0' + Integer.remainderUnsigned(counter, 10))).append('\u0002');
        if (plan.content().delayLevel() > 0)
            text.append("DELAY\u0001").append(plan.content().delayLevel()).append('\u0002');
        if (plan.mode() == Plan.Mode.TRANSACTION) {
            text.append("TRAN_MSG\u0001true\u0002PGROUP\u0001").append(GROUP).append('\u0002');
        }
        return text.toString();
    }

    private void commit(Line line, Fields fields) {
        String offsetId = fields.requireText("msgId");
        builder.request(plan.load().encoding(), -1, RequestCode.END_TRANSACTION, true)
                .field("topic", target.topic())
                .field("producerGroup", GROUP)
                .field("tranStateTableOffset", fields.requireText("queueOffset"))
                .field("commitLogOffset", Long.parseUnsignedLong(offsetId.substring(offsetId.length() - 16), 16))
                .field("commitOrRollback", COMMIT)
                .field("fromTransactionCheck", false)
                .field("msgId", offsetId)
                .field("transactionId", fields.text("transactionId"))
                .field("bname", target.brokerName());
        line.writeOneWay(builder, builder.end(0));
    }

    private static byte[] batch(Plan plan) {
        int size = BATCH_ENTRY_BYTES + plan.content().bodyBytes();
        ByteBuffer all = ByteBuffer.allocate(size * plan.content().batch());
        for (int i = 0; i < plan.content().batch(); i++) {
            all.putInt(size).putInt(0).putInt(0).putInt(0).putInt(plan.content().bodyBytes());
            all.put(filled(plan.content().bodyBytes())).putShort((short) 0);
        }
        return all.array();
    }

    private static byte[] filled(int bytes) {
        byte[] body = new byte[bytes];
        Arrays.fill(body, "x".getBytes(StandardCharsets.US_ASCII)[0]);
        return body;
    }
}
