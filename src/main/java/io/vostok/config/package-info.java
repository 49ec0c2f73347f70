/** Every setting, its default, its check and where its value came from. Read once at start, on the main thread. */
@NullMarked
package io.vostok.config;

import org.jspecify.annotations.NullMarked;
