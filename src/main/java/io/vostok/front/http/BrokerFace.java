package io.vostok.front.http;

import io.vostok.broker.topic.BrokerIdentity;
import io.vostok.service.Broker;
import io.vostok.service.BrokerAdmin;

/** The broker of this process as one event loop sees it: as its clients do, as administrators do, and who it is. */
public record BrokerFace(Broker broker, BrokerAdmin admin, BrokerIdentity identity) {}
