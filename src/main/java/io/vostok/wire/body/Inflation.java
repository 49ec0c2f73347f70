package io.vostok.wire.body;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The zlib stream of a compressed registration. Inflating is bounded, by size and by ratio. */
final class Inflation {
    static final int LARGEST = 16 << 20;
    /** Topics of one broker resemble each other; beyond this ratio it is no list of topics. */
    private static final int MOST_RATIO = 300;

    private static final int RATIO_COUNTS_FROM = 1 << 20;

    private Inflation() {}

    static byte[] inflate(ByteBuffer body, String what) {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(body.duplicate());
            ByteArrayOutputStream plain = new ByteArrayOutputStream();
            byte[] piece = new byte[8192];
            while (!inflater.finished()) {
                int bytes = inflater.inflate(piece);
                if (bytes == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
                    throw new BadBodyException("compressed " + what + " ends too early");
                }
                plain.write(piece, 0, bytes);
                if (plain.size() > LARGEST) {
                    throw new BadBodyException(
                            "compressed " + what + " has more than " + LARGEST + " bytes when inflated");
                }
                if (plain.size() > RATIO_COUNTS_FROM && plain.size() / MOST_RATIO > body.remaining()) {
                    throw new BadBodyException(
                            "compressed " + what + " inflates to more than " + MOST_RATIO + " times its size");
                }
            }
            return plain.toByteArray();
        } catch (DataFormatException e) {
            throw new BadBodyException("compressed " + what + " is no zlib stream", e);
        } finally {
            inflater.end();
        }
    }

    static byte[] deflate(byte[] plain) {
        Deflater deflater = new Deflater();
        try {
            deflater.setInput(plain);
            deflater.finish();
            ByteArrayOutputStream compressed = new ByteArrayOutputStream();
            byte[] piece = new byte[8192];
            while (!deflater.finished()) {
                compressed.write(piece, 0, deflater.deflate(piece));
            }
            return compressed.toByteArray();
        } finally {
            deflater.end();
        }
    }
}
