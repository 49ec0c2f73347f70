/**
 * What the integration tests may ask of a stock RocketMQ client, whichever version it is.
 *
 * <p>These types hold nothing but JDK types: they are the only classes that a client's class loader shares with the
 * tests. The adapter under {@code src/test/clients} implements them and is compiled against each version's jars.
 */
@NullMarked
package io.vostok.it.client;

import org.jspecify.annotations.NullMarked;
