package io.vostok.model;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The id a broker gives a message (remoting reference 4.5): upper-case hex of the broker's address, port and the physical
 * offset; 32 digits with IPv4, 56 with IPv6. Clients connect to the address in it.
 *
 * @param port 0 to 65535; on the wire an int32
 * @param physicalOffset where the record starts in the log
 */
public record OffsetMessageId(InetAddress host, int port, long physicalOffset) {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();
    private static final int AFTER_HOST_BYTES = 12;

    public OffsetMessageId {
        if (port < 0 || port > 65535) throw new IllegalArgumentException("port out of range: " + port);
    }

    /**
     * Reads an id.
     *
     * @throws IllegalArgumentException when {@code text} is not 32 or 56 hex digits, or holds an impossible port; such an
     *     id may still be one that a client gave
     */
    public static OffsetMessageId parse(String text) {
        if (text.length() != 32 && text.length() != 56) {
            throw new IllegalArgumentException(
                    "message id has " + text.length() + " characters, expected are 32 or 56");
        }
        byte[] bytes = new byte[text.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ((digit(text.charAt(2 * i)) << 4) | digit(text.charAt(2 * i + 1)));
        }
        byte[] host = Arrays.copyOf(bytes, bytes.length - AFTER_HOST_BYTES);
        ByteBuffer rest = ByteBuffer.wrap(bytes, host.length, AFTER_HOST_BYTES);
        return new OffsetMessageId(addressOf(host), rest.getInt(), rest.getLong());
    }

    /** Returns the id of the record at {@code physicalOffset} of the broker advertised as {@code storeHost}. */
    public static String format(InetSocketAddress storeHost, long physicalOffset) {
        return new OffsetMessageId(storeHost.getAddress(), storeHost.getPort(), physicalOffset).toString();
    }

    /** Returns what writes the ids of one broker, for the send path. */
    public static Writer writerFor(InetSocketAddress storeHost) {
        return new Writer(storeHost);
    }

    @Override
    public String toString() {
        return new Writer(host, port).format(physicalOffset);
    }

    /** Writes the ids of one broker: its address is turned into hex once. Any thread. */
    public static final class Writer {
        private final byte[] prefix;

        private Writer(InetSocketAddress storeHost) {
            this(storeHost.getAddress(), storeHost.getPort());
        }

        private Writer(InetAddress host, int port) {
            byte[] address = host.getAddress();
            prefix = new byte[2 * address.length + 8];
            for (int i = 0; i < address.length; i++) writeHex(address[i] & 0xFF, 2, prefix, 2 * i);
            writeHex(port, 8, prefix, 2 * address.length);
        }

        /** Returns how many ASCII characters an id of this broker has: 32 or 56. */
        public int length() {
            return prefix.length + 16;
        }

        /** Writes the id as ASCII to {@code target} from index {@code at}; returns {@link #length()}. Makes no garbage. */
        public int write(long physicalOffset, byte[] target, int at) {
            System.arraycopy(prefix, 0, target, at, prefix.length);
            writeHex(physicalOffset, 16, target, at + prefix.length);
            return prefix.length + 16;
        }

        /** Returns the id as a text. */
        public String format(long physicalOffset) {
            byte[] id = new byte[length()];
            write(physicalOffset, id, 0);
            return new String(id, StandardCharsets.US_ASCII);
        }

        private static void writeHex(long value, int digits, byte[] target, int at) {
            for (int i = 0; i < digits; i++) {
                target[at + i] = (byte) HEX[(int) (value >>> (4 * (digits - 1 - i))) & 0xF];
            }
        }
    }

    private static InetAddress addressOf(byte[] host) {
        try {
            return InetAddress.getByAddress(host);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address of " + host.length + " bytes", e); // cannot be: 4 or 16 bytes
        }
    }

    private static int digit(char c) {
        int digit = c < 0x80 ? Character.digit(c, 16) : -1;
        if (digit < 0) throw new IllegalArgumentException("message id holds a character that is no hex digit");
        return digit;
    }
}
