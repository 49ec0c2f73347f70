/** What administrators may see and change of a running broker. Pure. */
@NullMarked
package io.vostok.broker.admin;

import org.jspecify.annotations.NullMarked;
