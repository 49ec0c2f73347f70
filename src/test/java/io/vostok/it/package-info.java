/**
 * The jar against stock RocketMQ clients and servers. {@code -Dit.server=apache} runs the same scenarios against Apache's
 * own broker; {@code -Dit.long=true} runs the long forms.
 */
@NullMarked
package io.vostok.it;

import org.jspecify.annotations.NullMarked;
