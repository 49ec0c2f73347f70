package io.vostok.wire.frame;

import io.vostok.wire.Language;
import org.jspecify.annotations.Nullable;

/** A decoded header. Filled anew by each read of its {@link CommandReader}: copy what is needed later. */
public final class Command {
    static final int RESPONSE_BIT = 1;
    static final int ONE_WAY_BIT = 2;

    private final Fields fields = new Fields();
    private byte[] bytes = new byte[0];
    private Encoding encoding = Encoding.JSON;
    private int remarkFrom;
    private int remarkTo;
    private boolean remarkEscaped;
    int code;
    byte language;
    int version;
    int opaque;
    int flag;
    private long sinceNanos;

    Command() {}

    void clear(byte[] header, Encoding headerEncoding) {
        bytes = header;
        encoding = headerEncoding;
        fields.clear(header);
        code = 0;
        language = Language.OTHER;
        version = 0;
        opaque = 0;
        flag = 0;
        sinceNanos = 0;
        remarkFrom = -1;
    }

    void remark(int from, int to, boolean escaped) {
        remarkFrom = from;
        remarkTo = to;
        remarkEscaped = escaped;
    }

    /** Returns the request code, or the response code of a response. */
    public int code() {
        return code;
    }

    /** Returns the peer's language, a number of {@code wire.Language}; {@code OTHER} for an unknown one. */
    public byte language() {
        return language;
    }

    /** Returns the peer's version number, for example 513 for 5.5.0; 0 when it told none. */
    public int version() {
        return version;
    }

    /** Returns the correlation number of the requester. */
    public int opaque() {
        return opaque;
    }

    /** Returns the flag bits as they came. */
    public int flag() {
        return flag;
    }

    /** Tells whether this answers a request of ours. */
    public boolean isResponse() {
        return (flag & RESPONSE_BIT) != 0;
    }

    /** Tells whether no answer may be sent. */
    public boolean isOneWay() {
        return (flag & ONE_WAY_BIT) != 0;
    }

    /** Returns how the header was written; answers are written the same way. */
    public Encoding encoding() {
        return encoding;
    }

    /** Returns the free text of the header, or null. */
    public @Nullable String remark() {
        return remarkFrom < 0 ? null : Utf8.text(bytes, remarkFrom, remarkTo, remarkEscaped);
    }

    /** Returns the named fields, valid as long as this command. */
    public Fields fields() {
        return fields;
    }

    /** Keeps when it came, on the monotonic clock; who reads headers only does not know. */
    public void came(long nanos) {
        sinceNanos = nanos;
    }

    /** Returns what must be remembered to answer later. */
    public Call call() {
        return new Call(code, opaque, encoding, isOneWay(), sinceNanos, false);
    }
}
