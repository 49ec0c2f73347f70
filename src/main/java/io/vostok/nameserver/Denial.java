package io.vostok.nameserver;

/** Why the name server refused. The front maps every constant; the words travel beside it in {@link Result.Denied}. */
public enum Denial {
    /** The request lacks something or contradicts itself. */
    INVALID,
    /** A single topic came from a broker that has not yet sent its full table. */
    NOT_FULLY_REGISTERED,
    /** A bound that protects the process is reached. */
    LIMIT_REACHED,
    /** The start-up wait is not over. */
    NOT_READY,
    TOPIC_NOT_FOUND,
    KEY_NOT_FOUND,
    /** Switched off by a setting. */
    SWITCHED_OFF,
    /** A setting that names files or commands cannot be changed from outside. */
    SETTING_PROTECTED,
    SETTING_UNKNOWN
}
