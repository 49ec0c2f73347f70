/**
 * The command line of those who use a server: each command is one or a few requests to the HTTP API, and its answer as a
 * table, JSON or YAML. Main thread. Knows none of the server's classes, so that a command starts quickly.
 */
@NullMarked
package io.vostok.cli;

import org.jspecify.annotations.NullMarked;
