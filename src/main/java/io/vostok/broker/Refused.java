package io.vostok.broker;

/**
 * A refusal and its words: the cause, and what the user can do about it.
 *
 * @param words shown to the user as they are, so they name the thing refused and the remedy
 */
public record Refused(Refusal refusal, String words) {}
