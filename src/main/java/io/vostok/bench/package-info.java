/**
 * The load generator: a client of any broker that speaks the remoting protocol. One event loop; shares nothing with a server in
 * the same jar but the layout of frames and records.
 */
@NullMarked
package io.vostok.bench;

import org.jspecify.annotations.NullMarked;
