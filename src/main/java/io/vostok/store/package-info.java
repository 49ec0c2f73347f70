/** The message store: commit log, consume queues, dispatch, recovery, retention. One writer, many readers, no threads of its own. */
@NullMarked
package io.vostok.store;

import org.jspecify.annotations.NullMarked;
