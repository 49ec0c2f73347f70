/** Conditions on message properties (SQL92 as RocketMQ speaks it): compiled once, evaluated on the properties text. Pure. */
@NullMarked
package io.vostok.broker.filter;

import org.jspecify.annotations.NullMarked;
