/** JSON bodies of the remoting protocol and of Apache's configuration files. Any thread. */
@NullMarked
package io.vostok.wire.body;

import org.jspecify.annotations.NullMarked;
