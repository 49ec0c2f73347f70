/** Rules of failed consumption: what comes again, when, and what becomes a dead letter. Pure. */
@NullMarked
package io.vostok.broker.retry;

import org.jspecify.annotations.NullMarked;
