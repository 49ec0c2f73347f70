/** Half messages that are not decided: a table derived from the log. The event loop of TransactionVerticle. */
@NullMarked
package io.vostok.store.transaction;

import org.jspecify.annotations.NullMarked;
