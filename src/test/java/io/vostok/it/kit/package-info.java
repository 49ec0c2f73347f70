/** Processes, raw connections and loaders of stock clients for the integration tests. */
@NullMarked
package io.vostok.it.kit;

import org.jspecify.annotations.NullMarked;
