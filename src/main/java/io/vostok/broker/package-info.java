/** What every broker rule returns: a decision, or a refusal with its reason. Pure. */
@NullMarked
package io.vostok.broker;

import org.jspecify.annotations.NullMarked;
