package io.vostok.front.remoting.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a load balancer puts before a connection's own bytes: the PROXY protocol, version 1 (a line) or 2 (binary).
 *
 * @param client the address it connected for; null when it told none (health checks)
 */
record ProxyPrefix(@Nullable InetSocketAddress client) {
    private static final byte[] LINE = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BINARY = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
    /** Longest line of version 1, its line end included. */
    private static final int LONGEST_LINE = 107;
    /** Addresses and extensions of version 2 we let a balancer send. */
    private static final int LONGEST_BINARY = 4_096;

    /** Returns whether the bytes so far, at least one, are the start of a prefix. */
    static boolean begins(ByteBuf in) {
        return startsWith(in, LINE) || startsWith(in, BINARY);
    }

    private static boolean startsWith(ByteBuf in, byte[] mark) {
        for (int i = 0; i < Math.min(mark.length, in.readableBytes()); i++) {
            if (in.getByte(in.readerIndex() + i) != mark[i]) return false;
        }
        return true;
    }

    /**
     * Takes a prefix off {@code in}, which begins with one.
     *
     * @return null when bytes are missing; nothing was taken then
     * @throws IllegalArgumentException when it is broken
     */
    static @Nullable ProxyPrefix read(ByteBuf in) {
        return in.getByte(in.readerIndex()) == LINE[0] ? readLine(in) : readBinary(in);
    }

    private static @Nullable ProxyPrefix readLine(ByteBuf in) {
        int seen = Math.min(in.readableBytes(), LONGEST_LINE);
        int end = ByteBufUtil.indexOf(in, in.readerIndex(), in.readerIndex() + seen, (byte) '\n');
        if (end < 0) {
            if (seen == LONGEST_LINE) throw new IllegalArgumentException("line longer than " + LONGEST_LINE + " bytes");
            return null;
        }
        int length = end - in.readerIndex();
        String line = in.readCharSequence(length, StandardCharsets.US_ASCII).toString();
        in.skipBytes(1);
        if (!line.endsWith("\r")) throw new IllegalArgumentException("line without carriage return");
        String[] words = line.substring(0, line.length() - 1).split(" ", -1);
        if (words.length >= 2 && words[1].equals("UNKNOWN")) return new ProxyPrefix(null);
        if (words.length != 6 || !(words[1].equals("TCP4") || words[1].equals("TCP6"))) {
            throw new IllegalArgumentException("not PROXY TCP4 or TCP6 with four values");
        }
        return new ProxyPrefix(new InetSocketAddress(literal(words[2], words[1].equals("TCP6")), port(words[4])));
    }

    private static InetAddress literal(String text, boolean six) {
        // Only characters of literals, so that no name is ever looked up.
        boolean literal = six
                ? text.indexOf(':') >= 0 && text.toLowerCase(Locale.ROOT).matches("[0-9a-f:.]{2,45}")
                : text.matches("\\d{1,3}(\\.\\d{1,3}){3}");
        if (!literal) throw new IllegalArgumentException("no address");
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("no address", e);
        }
    }

    private static int port(String text) {
        if (!text.matches("\\d{1,5}") || Integer.parseInt(text) > 65_535) throw new IllegalArgumentException("no port");
        return Integer.parseInt(text);
    }

    private static @Nullable ProxyPrefix readBinary(ByteBuf in) {
        if (in.readableBytes() < BINARY.length + 4) return null;
        int start = in.readerIndex() + BINARY.length;
        int versionAndCommand = in.getUnsignedByte(start);
        int family = in.getUnsignedByte(start + 1);
        int length = in.getUnsignedShort(start + 2);
        if (versionAndCommand >> 4 != 2) throw new IllegalArgumentException("version " + (versionAndCommand >> 4));
        if (length > LONGEST_BINARY) throw new IllegalArgumentException("length " + length);
        if (in.readableBytes() < BINARY.length + 4 + length) return null;
        int addressBytes = family == 0x11 ? 4 : family == 0x21 ? 16 : 0;
        boolean local = (versionAndCommand & 0x0f) == 0;
        InetSocketAddress client = null;
        if (!local && addressBytes > 0) {
            if (length < 2 * addressBytes + 4) throw new IllegalArgumentException("addresses beyond the length");
            byte[] address = new byte[addressBytes];
            in.getBytes(start + 4, address);
            client = new InetSocketAddress(address(address), in.getUnsignedShort(start + 4 + 2 * addressBytes));
        }
        in.skipBytes(BINARY.length + 4 + length);
        return new ProxyPrefix(client);
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address of " + bytes.length + " bytes", e);
        }
    }
}
