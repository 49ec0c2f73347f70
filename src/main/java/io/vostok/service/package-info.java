/** What the fronts may ask: the broker and its clients of other threads. */
@NullMarked
package io.vostok.service;

import org.jspecify.annotations.NullMarked;
