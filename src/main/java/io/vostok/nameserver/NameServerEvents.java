package io.vostok.nameserver;

/** What the name server tells its owner, for logs and for messages to brokers. Called on the owner's thread; must not call back. */
public interface NameServerEvents {
    /** A broker that was not known under this id and address is known now. */
    void brokerCame(BrokerId broker, long id, int topics);

    /** A broker is no longer in any route. */
    void brokerWent(BrokerId broker, long id, Departure reason);

    /** A registration was not taken although it was answered with success: the id is held by a newer state. */
    void registrationIgnored(BrokerId broker, long id, String holder);

    /** Members must be told; only with the setting {@code notifyMinBrokerIdChanged}. */
    void minBrokerIdChanged(MinBrokerIdChange change);

    /** Why a broker went. */
    enum Departure {
        UNREGISTERED,
        CONNECTION_LOST,
        SILENT
    }
}
