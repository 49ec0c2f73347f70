/** Who is connected: producers, consumer groups, subscriptions, queue locks. Owned by one thread, published as immutable tables. */
@NullMarked
package io.vostok.broker.session;

import org.jspecify.annotations.NullMarked;
