/** The remoting protocol on sockets: decode, call the service, encode. */
@NullMarked
package io.vostok.front.remoting;

import org.jspecify.annotations.NullMarked;
