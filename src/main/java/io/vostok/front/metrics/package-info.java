/**
 * The page of figures for Prometheus. Nothing of it is loaded before the first scrape; then a worker writes it. The only user of
 * Micrometer and of Prometheus' library.
 */
@NullMarked
package io.vostok.front.metrics;

import org.jspecify.annotations.NullMarked;
