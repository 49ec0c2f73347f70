package io.vostok.wire.frame;

/**
 * What one frame may cost. A frame beyond these limits ends its connection.
 *
 * @param maxFrameBytes of the whole frame, including its first length field
 * @param maxHeaderBytes of the header alone; bounds the copy a {@link CommandReader} makes
 * @param maxHeaderFields entries of {@code extFields}, duplicates counted
 */
public record FrameLimits(int maxFrameBytes, int maxHeaderBytes, int maxHeaderFields) {
    /** Apache's frame limit, and header limits no honest peer comes near. */
    public static final FrameLimits DEFAULT = new FrameLimits(16_777_216, 1 << 20, 512);

    /** Bytes before the header: total length, then type and header length. */
    public static final int PREFIX_BYTES = 8;

    public FrameLimits {
        if (maxFrameBytes < PREFIX_BYTES) throw new IllegalArgumentException("maxFrameBytes below 8: " + maxFrameBytes);
        if (maxHeaderBytes < 1) throw new IllegalArgumentException("maxHeaderBytes below 1: " + maxHeaderBytes);
        if (maxHeaderFields < 1) throw new IllegalArgumentException("maxHeaderFields below 1: " + maxHeaderFields);
    }

    /**
     * Checks the first field of a frame as soon as it is there, before anything is buffered.
     *
     * @param totalLength the first four bytes: how many bytes follow them
     * @throws ProtocolException when the frame is too large, or too short to be one
     */
    public void checkTotalLength(int totalLength) {
        if (totalLength < 4) throw new ProtocolException("frame length " + totalLength + " is below 4");
        if (totalLength > maxFrameBytes - 4) {
            throw new ProtocolException(
                    "frame length " + totalLength + " is beyond the limit of " + (maxFrameBytes - 4));
        }
    }

    /** Returns the header length of a frame by its bytes 4 to 7, unchecked. */
    public static int headerLength(int typeAndLength) {
        return typeAndLength & 0xFFFFFF;
    }

    /**
     * Checks the header length against its frame and the limits.
     *
     * @param typeAndLength bytes 4 to 7 of the frame: serialize type in the top byte, header length in the others
     * @return the header length in bytes
     * @throws ProtocolException when it does not fit
     */
    public int checkHeaderLength(int totalLength, int typeAndLength) {
        int headerLength = headerLength(typeAndLength);
        if (headerLength > totalLength - 4) {
            throw new ProtocolException("header length " + headerLength + " is beyond its frame of " + totalLength);
        }
        if (headerLength > maxHeaderBytes) {
            throw new ProtocolException("header length " + headerLength + " is beyond the limit of " + maxHeaderBytes);
        }
        return headerLength;
    }
}
