package io.vostok.broker.session;

/**
 * A live client of a group.
 *
 * @param language number of the client's language on the wire
 * @param version of the client, as it sends it
 */
public record Member(String clientId, ClientChannel channel, int language, int version) {}
