package io.vostok.wire.record;

import io.vostok.model.SysFlag;

/**
 * Where the fields of a message record are (storage reference 2.1); numbers are big-endian.
 *
 * <p>Positions up to {@link #BORN_HOST} are fixed. What follows moves by {@link #IPV6_SHIFT} for each IPv6 address
 * before it: the methods take the record's sysFlag for that.
 */
public final class RecordLayout {
    public static final int SIZE = 0;
    public static final int MAGIC = 4;
    public static final int BODY_CRC = 8;
    public static final int QUEUE_ID = 12;
    public static final int FLAG = 16;
    public static final int QUEUE_OFFSET = 20;
    public static final int PHYSICAL_OFFSET = 28;
    public static final int SYS_FLAG = 36;
    public static final int BORN_TIMESTAMP = 40;
    public static final int BORN_HOST = 48;

    /** Magic of a record whose topic length is one byte. */
    public static final int MAGIC_V1 = 0xDAA320A7;
    /** Magic of a record whose topic length is two bytes. */
    public static final int MAGIC_V2 = 0xDAA320AB;
    /** Magic of the filler at the end of a segment; only its size word and magic are written. */
    public static final int MAGIC_BLANK = 0xCBD43194;

    /** Bytes of a blank record that are written; a segment always keeps room for one. */
    public static final int BLANK_BYTES = 8;
    /** What an IPv6 address is longer than an IPv4 address. */
    public static final int IPV6_SHIFT = 12;
    /** Size of a v1 record with IPv4 addresses and nothing in it; no record is smaller. */
    public static final int SMALLEST = 91;
    /** Most bytes of the properties text, reserved ones included. */
    public static final int MAX_PROPERTIES = Short.MAX_VALUE;
    /** Most characters of a topic in a v1 record. */
    public static final int MAX_TOPIC_V1 = Byte.MAX_VALUE;

    /** The property that holds the checksum of the whole record (storage reference 2.5). */
    public static final String CRC_PROPERTY = "__CRC32#";

    static final int CRC_DIGITS = 10;
    static final int CRC_NAME_BYTES = 8;
    /** Bytes at the end of the properties that hold the checksum of all bytes before them. */
    public static final int CRC_TRAILER_BYTES = CRC_NAME_BYTES + 1 + CRC_DIGITS + 1;

    static final byte NAME_END = 1;
    static final byte PAIR_END = 2;

    /** The first eight bytes of the trailer, {@code __CRC32#}, as a big-endian number. */
    static final long CRC_NAME = 0x5F5F_4352_4333_3223L;

    private RecordLayout() {}

    public static int bornHostBytes(int sysFlag) {
        return (sysFlag & SysFlag.BORN_HOST_V6) == 0 ? 8 : 20;
    }

    public static int storeHostBytes(int sysFlag) {
        return (sysFlag & SysFlag.STORE_HOST_V6) == 0 ? 8 : 20;
    }

    public static int storeTimestamp(int sysFlag) {
        return BORN_HOST + bornHostBytes(sysFlag);
    }

    public static int storeHost(int sysFlag) {
        return storeTimestamp(sysFlag) + 8;
    }

    public static int reconsumeTimes(int sysFlag) {
        return storeHost(sysFlag) + storeHostBytes(sysFlag);
    }

    public static int preparedTransactionOffset(int sysFlag) {
        return reconsumeTimes(sysFlag) + 4;
    }

    public static int bodyLength(int sysFlag) {
        return preparedTransactionOffset(sysFlag) + 8;
    }

    public static int body(int sysFlag) {
        return bodyLength(sysFlag) + 4;
    }

    /** Returns how many bytes the length of the topic takes in a record with this magic. */
    public static int topicLengthBytes(int magic) {
        return magic == MAGIC_V2 ? 2 : 1;
    }

    /** Tells whether {@code magic} is that of a message. */
    public static boolean isMessage(int magic) {
        return magic == MAGIC_V1 || magic == MAGIC_V2;
    }
}
