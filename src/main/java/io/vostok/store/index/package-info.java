/**
 * The key index: finds messages of a topic by key or unique id, in Apache's files. The dispatching thread writes,
 * housekeeping makes files and makes them durable, any thread may look up.
 */
@NullMarked
package io.vostok.store.index;

import org.jspecify.annotations.NullMarked;
