package io.vostok.wire.body;

/** How numeric keys of JSON objects are written. Both are read everywhere. */
public enum KeyForm {
    /** Standard JSON; every client since 4.9 reads it. */
    QUOTED,
    /** {@code {0:"..."}}, as Apache writes to clients older than 4.9.4. */
    UNQUOTED
}
