/** Rules of pop consumption: what is refused, what receipts say, what comes again and where, who is assigned which queues. Pure. */
@NullMarked
package io.vostok.broker.pop;

import org.jspecify.annotations.NullMarked;
