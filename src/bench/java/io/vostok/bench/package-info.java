/** Measures this broker beside Apache's, and its pure parts by themselves. Started by the build's profile {@code bench}. */
@NullMarked
package io.vostok.bench;

import org.jspecify.annotations.NullMarked;
