/** What stands before the frames on a remoting port: TLS and plaintext told apart, PROXY prefixes, the server's certificate. Event loops; {@code TlsContexts} on a worker. */
@NullMarked
package io.vostok.front.remoting.tls;

import org.jspecify.annotations.NullMarked;
