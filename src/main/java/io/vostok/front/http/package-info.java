/** The HTTP port: API v1, streams, health, and the files a browser needs. Translates, calls the service, translates back. */
@NullMarked
package io.vostok.front.http;

import org.jspecify.annotations.NullMarked;
