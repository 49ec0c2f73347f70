/** Numbers of the remoting protocol: request codes, response codes, languages. Any thread. */
@NullMarked
package io.vostok.wire;

import org.jspecify.annotations.NullMarked;
