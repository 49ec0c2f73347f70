/** Transactional messages: what becomes a half message, and what its end makes of it. */
@NullMarked
package io.vostok.broker.transaction;

import org.jspecify.annotations.NullMarked;
