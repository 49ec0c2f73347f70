package io.vostok.wire.frame;

import io.vostok.wire.Language;

/** Reads the ROCKETMQ header (remoting reference 1.3); every length is checked against what is there. */
final class BinaryHeader {
    private static final int FIXED_BYTES = 2 + 1 + 2 + 4 + 4 + 4;

    private BinaryHeader() {}

    static void read(byte[] bytes, int length, int maxFields, Command command) {
        if (length < FIXED_BYTES + 4) {
            throw new ProtocolException(
                    "binary header has " + length + " bytes, at least " + (FIXED_BYTES + 4) + " are needed");
        }
        command.code = (short) int16(bytes, 0);
        command.language = Language.known(bytes[2]);
        command.version = (short) int16(bytes, 3);
        command.opaque = int32(bytes, 5);
        command.flag = int32(bytes, 9);
        int remarkLength = int32(bytes, 13);
        if (remarkLength < 0 || remarkLength > length - FIXED_BYTES - 4) {
            throw new ProtocolException("remark length " + remarkLength + " does not fit a header of " + length);
        }
        if (remarkLength > 0) command.remark(FIXED_BYTES, FIXED_BYTES + remarkLength, false);
        int at = FIXED_BYTES + remarkLength;
        int fieldBytes = int32(bytes, at);
        at += 4;
        if (fieldBytes != length - at) {
            throw new ProtocolException("field block of " + fieldBytes + " bytes, but " + (length - at) + " are left");
        }
        readFields(bytes, at, length, maxFields, command.fields());
    }

    private static void readFields(byte[] bytes, int from, int end, int maxFields, Fields fields) {
        int at = from;
        while (at < end) {
            if (fields.held() == maxFields) throw new ProtocolException("more than " + maxFields + " header fields");
            if (end - at < 2) throw new ProtocolException("header field cut off before its key length");
            int keyLength = (short) int16(bytes, at);
            at += 2;
            if (keyLength < 0 || keyLength > end - at - 4) {
                throw new ProtocolException(
                        "key length " + keyLength + " does not fit, " + (end - at) + " bytes are left");
            }
            fields.addKey(at, at + keyLength, false);
            at += keyLength;
            int valueLength = int32(bytes, at);
            at += 4;
            if (valueLength < 0 || valueLength > end - at) {
                throw new ProtocolException(
                        "value length " + valueLength + " does not fit, " + (end - at) + " bytes are left");
            }
            fields.addValue(at, at + valueLength, false, false);
            at += valueLength;
        }
    }

    private static int int16(byte[] bytes, int at) {
        return ((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF);
    }

    private static int int32(byte[] bytes, int at) {
        return (int16(bytes, at) << 16) | int16(bytes, at + 2);
    }
}
