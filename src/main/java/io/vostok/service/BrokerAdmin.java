package io.vostok.service;

/**
 * Administration of a broker, as the fronts of administrators see it; apart from {@link Broker}, the face of its clients.
 * One object per event loop, used only there; futures complete on that loop and fail with
 * {@link Registry.RefusedException} when what was asked is refused.
 *
 * <p>Names of topics and groups are as the administrator gave them; the rules check them.
 */
public record BrokerAdmin(
        TopicAdmin topics,
        GroupAdmin groups,
        ClientAdmin clients,
        StatusAdmin status,
        TransactionAdmin transactions,
        TimerAdmin timers,
        RedriveAdmin redrives,
        ClusterAdmin cluster) {}
