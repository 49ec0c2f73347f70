/** When the broker says "not now": limits, what they measure, and how often they refused. */
@NullMarked
package io.vostok.broker.flow;

import org.jspecify.annotations.NullMarked;
