/** The entry point of the process; everything else lives in the packages below. */
@NullMarked
package io.vostok;

import org.jspecify.annotations.NullMarked;
