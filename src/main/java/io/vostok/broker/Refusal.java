package io.vostok.broker;

/**
 * Why a request was refused. Each front maps every constant to its protocol with an exhaustive switch; the words for
 * the user travel beside it in {@link Refused}.
 */
public enum Refusal {
    /** The request contradicts itself or lacks something. */
    INVALID_ARGUMENT,
    TOPIC_NOT_FOUND,
    GROUP_NOT_FOUND,
    /** The topic, group or broker does not permit this. */
    FORBIDDEN,
    MESSAGE_TOO_LARGE,
    MESSAGE_ILLEGAL,
    /** A resource is short; the same request may succeed later. */
    BUSY,
    /** Messages are read faster than a limit permits; the same request will succeed in a moment. */
    FLOW_CONTROL,
    /** The store takes no writes: full, read-only or poisoned. */
    NOT_WRITABLE,
    /** The message was stored, but its flush was not confirmed in time. */
    FLUSH_TIMEOUT,
    SUBSCRIPTION_MALFORMED,
    SUBSCRIPTION_NOT_FOUND,
    SUBSCRIPTION_OUTDATED,
    FILTER_NOT_FOUND,
    NO_OFFSET,
    NO_MEMBER,
    NO_MESSAGE,
    /** What is named cannot be done any more, or never could: the handle of a recall is none, its message is due, or a half message was given up. */
    ILLEGAL_OPERATION,
    /** A client that was asked did not answer in time. */
    NO_ANSWER,
    /** The message is not held by the group that speaks of it. */
    NOT_IN_FLIGHT,
    /** What is asked for is not built. */
    UNSUPPORTED,
    /** A bug, or the world broke in a way no other constant names. */
    FAILED
}
