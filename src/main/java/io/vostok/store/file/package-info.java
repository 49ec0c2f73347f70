/** Files of fixed size, mapped by chronicle-bytes; the only package that knows it. */
@NullMarked
package io.vostok.store.file;

import org.jspecify.annotations.NullMarked;
