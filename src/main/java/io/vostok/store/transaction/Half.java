package io.vostok.store.transaction;

/**
 * A half message as the table had it at one moment.
 *
 * @param offset in the queue of half messages
 * @param position where its record starts in the log
 * @param sizeBytes of its record
 * @param group of its producers; empty when the message names none
 * @param checks how often its producers were asked, this time included
 * @param exhausted whether it was asked often enough and is to be given up
 */
public record Half(long offset, long position, int sizeBytes, String group, int checks, boolean exhausted) {}
