/** The name server: registered brokers, routes, key-value configuration. Owned by one thread; no Vert.x. */
@NullMarked
package io.vostok.nameserver;

import org.jspecify.annotations.NullMarked;
