package io.vostok.front.remoting;

import io.vertx.core.Future;
import io.vostok.nameserver.BrokerId;
import io.vostok.nameserver.MinBrokerIdChange;
import io.vostok.nameserver.NameServerEvents;
import io.vostok.service.RemotingClient;
import io.vostok.wire.RequestCode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what happens to the brokers of a name server and tells them of a new smallest id.
 *
 * <p>Brokers are told at the address they registered, as Apache's name server does: they serve that request on their own
 * port and not on the connection they registered over. On the name server's event loop.
 */
public final class NameServerReports implements NameServerEvents {
    private static final Logger LOG = LoggerFactory.getLogger(NameServerReports.class);

    private final RemotingClient client;

    /** @param client of the same event loop */
    public NameServerReports(RemotingClient client) {
        this.client = client;
    }

    @Override
    public void brokerCame(BrokerId broker, long id, int topics) {
        LOG.info(
                "broker registered name={} id={} address={} cluster={} topics={}",
                broker.name(),
                id,
                broker.address(),
                broker.cluster(),
                topics);
    }

    @Override
    public void brokerWent(BrokerId broker, long id, Departure reason) {
        LOG.info(
                "broker left the routes name={} id={} address={} cluster={} reason={}",
                broker.name(),
                id,
                broker.address(),
                broker.cluster(),
                reason);
    }

    @Override
    public void registrationIgnored(BrokerId broker, long id, String holder) {
        LOG.warn(
                "registration ignored name={} id={} address={}: {} holds this id with a newer state",
                broker.name(),
                id,
                broker.address(),
                holder);
    }

    @Override
    public void minBrokerIdChanged(MinBrokerIdChange change) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("minBrokerId", Long.toString(change.minId()));
        fields.put("brokerName", change.brokerName());
        fields.put("minBrokerAddr", change.minAddress());
        String offline = change.offlineAddress();
        String haAddress = change.haAddress();
        if (offline != null) fields.put("offlineBrokerAddr", offline);
        if (haAddress != null) fields.put("haBrokerAddr", haAddress);
        for (String target : change.targets()) {
            Future<Void> unused = client.oneWay(target, RequestCode.NOTIFY_MIN_BROKER_ID_CHANGE, fields, null)
                    .onFailure(cause ->
                            LOG.warn("could not tell {} its new smallest broker id: {}", target, cause.getMessage()));
        }
    }
}
