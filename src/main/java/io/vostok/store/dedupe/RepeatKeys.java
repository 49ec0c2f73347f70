package io.vostok.store.dedupe;

import java.nio.charset.StandardCharsets;

/**
 * The key under which a send is remembered: 64 bits of its topic and unique id. Any thread; makes no garbage for ASCII ids.
 *
 * <p>Equal keys say only that two sends may be the same: who finds one compares the messages.
 */
public final class RepeatKeys {
    /** The key of what is never taken for a repeat. */
    public static final long NONE = 0;

    private static final long FACTOR = 0x9E3779B97F4A7C15L;

    private final long seed;

    /** @param seed unknown to clients, so that none can make ids that all fall together */
    public RepeatKeys(long seed) {
        this.seed = seed;
    }

    /** Returns the topic's share, for {@link #of}. */
    public long ofTopic(byte[] topic, int from, int to) {
        return ended(words(seed, topic, from, to), to - from);
    }

    /** Returns the key of a unique id in the topic with this share; never {@link #NONE}. */
    public long of(long topic, String uniqueId) {
        int length = uniqueId.length();
        long hash = topic;
        long word = 0;
        for (int i = 0; i < length; i++) {
            char c = uniqueId.charAt(i);
            if (c >= 0x80) {
                byte[] text = uniqueId.getBytes(StandardCharsets.UTF_8);
                return of(topic, text, 0, text.length);
            }
            word = word << 8 | c;
            if ((i & 7) == 7) {
                hash = mixed(hash, word);
                word = 0;
            }
        }
        return key(ended(mixed(hash, word), length));
    }

    /** As {@link #of(long, String)}, from the id's UTF-8 bytes. */
    public long of(long topic, byte[] text, int from, int to) {
        return key(ended(words(topic, text, from, to), to - from));
    }

    private static long words(long start, byte[] text, int from, int to) {
        long hash = start;
        long word = 0;
        for (int i = from; i < to; i++) {
            word = word << 8 | (text[i] & 0xFF);
            if ((i - from & 7) == 7) {
                hash = mixed(hash, word);
                word = 0;
            }
        }
        return mixed(hash, word);
    }

    private static long mixed(long hash, long word) {
        long next = (hash ^ word) * FACTOR;
        return next ^ next >>> 32;
    }

    private static long ended(long hash, int length) {
        return mixed(mixed(hash, length), 0xC2B2AE3D27D4EB4FL);
    }

    private static long key(long hash) {
        return hash == NONE ? 1 : hash;
    }
}
