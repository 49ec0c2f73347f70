package io.vostok.wire.frame;

/** The two encodings of a command's header (remoting reference 1.2 and 1.3). */
public enum Encoding {
    JSON,
    BINARY
}
