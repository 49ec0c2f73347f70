package io.vostok.cli.doctor;

import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.body.BadBodyException;
import io.vostok.wire.body.BrokerData;
import io.vostok.wire.body.TopicRoute;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether clients find the broker: name servers, the route they tell, and the address in it. */
public final class NetworkChecks {
    private static final String NAME_SERVER = "name server";
    private static final String ROUTE = "route";
    private static final String BROKER = "broker address";

    private final List<Finding> findings = new ArrayList<>();

    /**
     * Goes the way of a client.
     *
     * @param nameServers to be asked
     * @param topic whose route is asked for; null when the broker has none
     * @param broker name of the broker that must be in it
     */
    public List<Finding> look(List<HostPort> nameServers, @Nullable String topic, String broker) {
        if (nameServers.isEmpty()) {
            findings.add(Finding.skipped(NAME_SERVER, "the broker knows none; --nameserver names one"));
        }
        Set<String> advertised = new LinkedHashSet<>();
        for (HostPort each : nameServers) {
            if (reached(each) && topic != null) advertised.addAll(route(each, topic, broker));
        }
        if (topic == null) findings.add(Finding.skipped(ROUTE, "the broker has no topic yet"));
        for (String address : advertised) broker(address);
        return findings;
    }

    private boolean reached(HostPort nameServer) {
        try {
            Remoting.Answer answer = Remoting.ask(nameServer, RequestCode.GET_BROKER_CLUSTER_INFO);
            if (answer.code() == ResponseCode.SUCCESS) {
                findings.add(Finding.ok(NAME_SERVER, nameServer + " answers"));
                return true;
            }
            findings.add(Finding.fail(
                    NAME_SERVER,
                    nameServer + " answers with code " + answer.code() + ": " + answer.remark(),
                    "is a name server there? set broker.nameservers"));
        } catch (IOException e) {
            findings.add(Finding.fail(
                    NAME_SERVER,
                    nameServer + " does not answer: " + words(e),
                    "start it, open its port, or set broker.nameservers (--nameserver asks another from here)"));
        }
        return false;
    }

    private Set<String> route(HostPort nameServer, String topic, String broker) {
        Set<String> addresses = new LinkedHashSet<>();
        try {
            Remoting.Answer answer = Remoting.ask(nameServer, RequestCode.GET_ROUTEINFO_BY_TOPIC, "topic", topic);
            if (answer.code() != ResponseCode.SUCCESS) {
                findings.add(Finding.fail(
                        ROUTE,
                        nameServer + " has no route of " + topic + ": " + answer.remark(),
                        "the broker is not registered there: see its log for `register`"));
                return addresses;
            }
            for (BrokerData each : TopicRoute.read(answer.body()).brokerDatas()) {
                if (each.brokerName().equals(broker))
                    addresses.addAll(each.brokerAddrs().values());
            }
        } catch (IOException | BadBodyException e) {
            findings.add(Finding.fail(ROUTE, nameServer + ": " + words(e), "see the log of the name server"));
            return addresses;
        }
        findings.add(
                addresses.isEmpty()
                        ? Finding.fail(
                                ROUTE,
                                nameServer + " tells a route of " + topic + " without broker " + broker,
                                "another broker has the topic; set broker.nameservers of this one")
                        : Finding.ok(
                                ROUTE,
                                nameServer + " sends clients to " + String.join(", ", addresses) + " for " + topic));
        return addresses;
    }

    private void broker(String address) {
        @Nullable HostPort server = HostPort.parse(address);
        if (server == null) {
            findings.add(Finding.fail(BROKER, "clients are told " + address, "set broker.advertisedHost"));
            return;
        }
        try {
            Remoting.Answer answer = Remoting.ask(server, RequestCode.GET_BROKER_RUNTIME_INFO);
            if (answer.code() != ResponseCode.SUCCESS) {
                findings.add(Finding.fail(
                        BROKER,
                        address + " answers with code " + answer.code() + ": " + answer.remark(),
                        "something else listens there: set broker.advertisedHost"));
            } else if (server.isLoopback()) {
                findings.add(Finding.ok(
                        BROKER,
                        address + " answers; only clients on the broker's machine reach it (listen.host,"
                                + " broker.advertisedHost)"));
            } else {
                findings.add(Finding.ok(BROKER, address + " answers"));
            }
        } catch (IOException e) {
            findings.add(Finding.fail(
                    BROKER,
                    "clients are told " + address + ", which does not answer from here: " + words(e),
                    server.isLoopback()
                            ? "set listen.host=0.0.0.0 and broker.advertisedHost to the machine's name"
                            : "set broker.advertisedHost to a name that clients reach, and open the port"));
        }
    }

    private static String words(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
