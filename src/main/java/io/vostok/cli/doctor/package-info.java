/** Looks a server over: from outside, as its clients see it, and from what it tells of its machine. Main thread. */
@NullMarked
package io.vostok.cli.doctor;

import org.jspecify.annotations.NullMarked;
