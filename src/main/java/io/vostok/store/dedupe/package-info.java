/** Which messages were sent lately, so that a repeated send is known again. Owned by the thread that writes the log. */
@NullMarked
package io.vostok.store.dedupe;

import org.jspecify.annotations.NullMarked;
