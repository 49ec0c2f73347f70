/** The wiring: the only place that puts parts together. */
@NullMarked
package io.vostok.role;

import org.jspecify.annotations.NullMarked;
