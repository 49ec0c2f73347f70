/** Who runs what on which thread. */
@NullMarked
package io.vostok.verticle;

import org.jspecify.annotations.NullMarked;
