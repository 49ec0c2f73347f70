package io.vostok.nameserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.model.DataVersion;
import io.vostok.nameserver.NameServer.SystemTopics;
import io.vostok.nameserver.Result.Denied;
import io.vostok.nameserver.Result.Given;
import io.vostok.time.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class NameServerTest {
    private static final TopicQueues QUEUES = new TopicQueues(4, 4, 6, 0);
    private static final TopicQueues TEMPLATE = new TopicQueues(8, 8, 7, 0);
    private static final DataVersion FIRST = new DataVersion(0, 1000, 1);

    private final ManualClock clock = new ManualClock(1_700_000_000_000L);
    private final Recorded recorded = new Recorded();
    private final Object connection = new Object();
    private NameServer server = aServer(NameServerSettings.USUAL);

    @Test
    void routesShowTheQueuesAndAddressesOfARegisteredMaster() {
        register(master("a"));

        Route route = given(route("orders"));

        assertThat(route.queues()).containsExactly(new Route.Queues("a", QUEUES));
        assertThat(route.brokers()).singleElement().satisfies(set -> {
            assertThat(set.cluster()).isEqualTo("c");
            assertThat(set.addresses()).containsExactly(Map.entry(0L, "a:1"));
        });
        assertThat(route.orderConf()).isNull();
    }

    @Test
    void refusesARouteToAnUnknownTopicInApachesWords() {
        assertDenied(
                route("nowhere"), Denial.TOPIC_NOT_FOUND, "No topic route info in name server for the topic: nowhere");
    }

    @Test
    void refusesOneTopicFromABrokerThatDidNotSendItsTable() {
        assertDenied(
                register(with(master("a"), Map.of("orders", QUEUES), FIRST)),
                Denial.NOT_FULLY_REGISTERED,
                "register broker failed");

        assertThat(server.brokers()).isEmpty();
    }

    @Test
    void takesOneTopicFromABrokerThatDid() {
        register(master("a"));

        given(register(with(master("a"), Map.of("bills", QUEUES), FIRST.next(1))));

        assertThat(given(server.allTopics())).containsExactly("TBW102", "bills", "orders");
    }

    @Test
    void ignoresTheTableWhenItsVersionIsKnown() {
        register(master("a"));

        register(with(master("a"), twoTopics(new TopicQueues(9, 9, 6, 0)), FIRST));

        assertThat(queuesOf("orders")).isEqualTo(QUEUES);
    }

    @Test
    void takesTheTableWhenItsVersionDiffers() {
        register(master("a"));

        register(with(master("a"), twoTopics(new TopicQueues(9, 9, 6, 0)), FIRST.next(5)));

        assertThat(queuesOf("orders").readQueues()).isEqualTo(9);
    }

    @Test
    void takesATopicThatItLostEvenWhenTheVersionIsKnown() {
        register(master("a"));
        server.deleteTopic("orders", null);

        register(master("a"));

        assertThat(queuesOf("orders")).isEqualTo(QUEUES);
    }

    @Test
    void keepsTopicsThatARegistrationNoLongerLists() {
        register(master("a"));
        register(with(master("a"), Map.of("x", QUEUES, "y", QUEUES), FIRST.next(5)));
        assertThat(given(server.allTopics())).contains("orders", "x");
    }

    @Test
    void dropsTopicsThatARegistrationNoLongerListsWhenSet() {
        change(Map.of("deleteTopicWithBrokerRegistration", "true"));
        register(master("a"));
        register(with(master("a"), Map.of("x", QUEUES, "y", QUEUES), FIRST.next(5)));
        assertThat(given(server.allTopics())).containsExactly("x", "y");
    }

    @Test
    void takesNoTopicsFromASlaveBesideItsMaster() {
        register(master("a"));
        register(with(slave("a", 1), twoTopics(new TopicQueues(9, 9, 6, 0)), FIRST.next(9)));
        assertThat(queuesOf("orders")).isEqualTo(QUEUES);
    }

    @Test
    void takesTopicsReadOnlyFromTheSmallestSlaveWithoutMaster() {
        register(slave("a", 1));
        assertThat(queuesOf("orders").perm()).isEqualTo(4);
    }

    @Test
    void takesNoTopicsFromASlaveOfAnOldVersion() {
        Registration old = slave("a", 1);
        register(new Registration(old.broker(), 1, "ha", null, null, null, FIRST, old.topics()));
        assertThat(given(server.allTopics())).isEmpty();
    }

    @Test
    void tellsASlaveItsMaster() {
        register(master("a"));
        assertThat(given(register(slave("a", 1)))).isEqualTo(new Registered("a:1", "a:ha"));
    }

    @Test
    void movesAnAddressToItsNewId() {
        register(slave("a", 1));
        Registration promoted = slave("a", 1);
        register(new Registration(
                promoted.broker(), 0, "ha", null, null, true, new DataVersion(1, 1, 1), promoted.topics()));
        assertThat(server.memberAddresses("a")).containsExactly(Map.entry(0L, "a1:1"));
        assertThat(queuesOf("orders").perm()).isEqualTo(6);
    }

    @Test
    void ignoresASecondAddressWithASmallerStateVersion() {
        register(with(master("a"), twoTopics(QUEUES), new DataVersion(5, 1, 1)));
        Registration late = master("a");
        var other = new BrokerId("c", "a", "b:1");

        given(register(new Registration(other, 0, "ha", null, null, true, new DataVersion(4, 9, 9), late.topics())));

        assertThat(server.memberAddresses("a")).containsExactly(Map.entry(0L, "a:1"));
        assertThat(recorded.lines).contains("ignored b:1, a:1 holds 0");
    }

    @Test
    void givesAnIdToASecondAddressWithTheSameStateVersion() {
        register(master("a"));
        Registration next = master("a");
        register(new Registration(new BrokerId("c", "a", "b:1"), 0, "ha", null, null, true, FIRST, next.topics()));
        assertThat(server.memberAddresses("a")).containsExactly(Map.entry(0L, "b:1"));
    }

    @Test
    void forgetsABrokerThatUnregisters() {
        register(master("a"));
        server.unregister(master("a").broker());
        assertThat(given(server.allTopics())).isEmpty();
        assertThat(server.brokers()).isEmpty();
    }

    @Test
    void forgetsABrokerAtOnceWhenItsConnectionIsLost() {
        register(master("a"));
        server.lost(connection);
        assertThat(server.brokers()).isEmpty();
        assertThat(recorded.lines).contains("went a:1 CONNECTION_LOST");
    }

    @Test
    void keepsABrokerThatRegisteredAgainOverAnotherConnection() {
        register(master("a"));
        given(server.register(master("a"), new Object(), clock.monotonicNanos()));
        server.lost(connection);
        assertThat(server.brokers()).hasSize(1);
    }

    @Test
    void forgetsABrokerThatIsSilentForLongerThanItSaid() {
        register(silentFor(master("a"), 3000));
        clock.advance(Duration.ofMillis(2999));
        server.expire(clock.monotonicNanos());
        assertThat(server.brokers()).hasSize(1);

        clock.advance(Duration.ofMillis(1));
        server.expire(clock.monotonicNanos());

        assertThat(server.brokers()).isEmpty();
        assertThat(recorded.lines).contains("went a:1 SILENT");
    }

    @Test
    void waitsTwoMinutesForABrokerThatSaysNothingAboutSilence() {
        assertThat(server.nanosToNextExpiry(clock.monotonicNanos())).isEqualTo(Long.MAX_VALUE);
        register(master("a"));
        assertThat(server.nanosToNextExpiry(clock.monotonicNanos()))
                .isEqualTo(Duration.ofMinutes(2).toNanos());
    }

    @Test
    void aHeartbeatKeepsABrokerAlive() {
        register(silentFor(master("a"), 3000));
        clock.advance(Duration.ofSeconds(2));
        assertThat(server.heard(master("a").broker(), clock.monotonicNanos())).isEqualTo(FIRST);
        clock.advance(Duration.ofSeconds(2));
        server.expire(clock.monotonicNanos());
        assertThat(server.brokers()).hasSize(1);
    }

    @Test
    void aStepOfTheWallClockForgetsNobody() {
        register(master("a"));
        clock.stepWall(Duration.ofDays(1));
        server.expire(clock.monotonicNanos());
        assertThat(server.brokers()).hasSize(1);
    }

    @Test
    void doesNotKnowTheVersionOfAnUnknownBroker() {
        assertThat(server.heard(new BrokerId("c", "a", "a:1"), 0)).isNull();
    }

    @Test
    void aZoneKeepsItsBrokersAndThoseWithoutMaster() {
        register(inZone(master("near"), "z1"));
        register(inZone(master("far"), "z2"));
        register(master("nowhere"));
        Registration slave = slave("orphan", 1);
        register(new Registration(slave.broker(), 1, "ha", "z2", null, true, FIRST, slave.topics()));

        Route route = given(server.route("orders", "Z1", 0));

        assertThat(route.brokers()).extracting(Route.Brokers::name).containsExactly("near", "orphan");
        assertThat(route.queues()).extracting(Route.Queues::brokerName).containsExactly("near", "orphan");
    }

    @Test
    void reportsTheSmallestSlaveAsMasterOnlyWhenSet() {
        register(slave("a", 2));
        assertThat(given(route("orders")).brokers().get(0).addresses()).containsOnlyKeys(2L);

        change(Map.of("supportActingMaster", "true"));

        assertThat(given(route("orders")).brokers().get(0).addresses()).containsExactly(Map.entry(0L, "a2:1"));
        assertThat(server.memberAddresses("a")).containsOnlyKeys(2L);
    }

    @Test
    void aSetThatLosesItsMasterBecomesReadOnlyWhenASlaveMayAct() {
        register(master("a"));
        register(slave("a", 1));
        server.unregister(master("a").broker());
        assertThat(queuesOf("orders").perm()).isEqualTo(4);

        register(master("a"));
        assertThat(queuesOf("orders").perm()).isEqualTo(6);
    }

    @Test
    void tellsMembersWhenTheSmallestIdGoesAndComes() {
        change(Map.of("notifyMinBrokerIdChanged", "true"));
        register(master("a"));
        register(slave("a", 1));
        register(slave("a", 2));
        server.unregister(master("a").broker());
        register(master("a"));

        assertThat(recorded.changes)
                .containsExactly(
                        new MinBrokerIdChange("a", List.of("a1:1", "a2:1"), 1, "a1:1", "a:1", null),
                        new MinBrokerIdChange("a", List.of("a1:1", "a2:1"), 0, "a:1", null, "a:ha"));
    }

    @Test
    void tellsNobodyAboutIdsByDefault() {
        register(master("a"));
        register(slave("a", 1));
        server.unregister(master("a").broker());
        assertThat(recorded.changes).isEmpty();
    }

    @Test
    void wipesAndAddsWritePermissionOfAllTopicsOfABroker() {
        register(master("a"));
        assertThat(server.permitWrites("a", false)).isEqualTo(2);
        assertThat(queuesOf("orders").perm()).isEqualTo(4);
        assertThat(server.permitWrites("a", true)).isEqualTo(2);
        assertThat(queuesOf("TBW102").perm()).isEqualTo(7);
        assertThat(server.permitWrites("b", false)).isZero();
    }

    @Test
    void deletesATopicOfOneCluster() {
        register(master("a"));
        Registration other = master("b");
        register(new Registration(new BrokerId("c2", "b", "b:1"), 0, "ha", null, null, true, FIRST, other.topics()));

        server.deleteTopic("orders", "c2");

        assertThat(given(route("orders")).queues())
                .extracting(Route.Queues::brokerName)
                .containsExactly("a");
        assertThat(given(server.topicsOf("c2"))).containsExactly("TBW102");
    }

    @Test
    void registersATopicOnlyOnKnownBrokers() {
        register(master("a"));
        given(server.registerTopic("hand", Map.of("a", QUEUES)));
        assertThat(queuesOf("hand")).isEqualTo(QUEUES);

        assertDenied(server.registerTopic("ghost", Map.of("a", QUEUES, "b", QUEUES)), Denial.INVALID, "broker b");
        assertThat(given(server.allTopics())).doesNotContain("ghost");
    }

    @Test
    void listsTopicsByUnitFlags() {
        register(with(
                master("a"),
                Map.of(
                        "plain", QUEUES,
                        "unit", new TopicQueues(1, 1, 6, 1),
                        "subscribed", new TopicQueues(1, 1, 6, 2),
                        "both", new TopicQueues(1, 1, 6, 3)),
                FIRST));
        assertThat(given(server.unitTopics())).containsExactly("both", "unit");
        assertThat(given(server.unitSubscribedTopics())).containsExactly("both", "subscribed");
        assertThat(given(server.unitSubscribedPlainTopics())).containsExactly("subscribed");
    }

    @Test
    void systemTopicsAreClustersAndBrokersWithTheAddressOfAMaster() {
        register(slave("a", 1));
        register(master("b"));
        assertThat(given(server.systemTopics())).isEqualTo(new SystemTopics(List.of("a", "b", "c"), "b:1"));
    }

    @Test
    void topicListsCanBeSwitchedOff() {
        change(Map.of("enableAllTopicList", "false", "enableTopicList", "false"));
        assertDenied(server.allTopics(), Denial.SWITCHED_OFF, "enableAllTopicList");
        assertDenied(server.topicsOf("c"), Denial.SWITCHED_OFF, "enableTopicList");
        assertDenied(server.systemTopics(), Denial.SWITCHED_OFF, "enableTopicList");
    }

    @Test
    void refusesRoutesDuringTheStartUpWaitWhenSet() {
        change(Map.of("needWaitForService", "true", "waitSecondsForService", "10"));
        register(master("a"));
        assertDenied(route("orders"), Denial.NOT_READY, "not ready");
        clock.advance(Duration.ofSeconds(10));
        given(route("orders"));
    }

    @Test
    void routesCarryTheOrderConfigurationWhenSet() {
        register(master("a"));
        given(server.putValue(NameServer.ORDER_TOPICS, "orders", "a:4"));
        assertThat(given(route("orders")).orderConf()).isNull();
        change(Map.of("orderMessageEnable", "true"));
        assertThat(given(route("orders")).orderConf()).isEqualTo("a:4");
        assertThat(given(route("TBW102")).orderConf()).isNull();
    }

    @Test
    void storesEachChangeOfTheKeyValues() {
        given(server.putValue("n", "k", "v"));
        assertThat(recorded.stored).isEqualTo(Map.of("n", Map.of("k", "v")));
        assertThat(given(server.value("n", "k"))).isEqualTo("v");

        assertThat(server.deleteValue("n", "k")).isCompleted();
        assertThat(recorded.stored).isEmpty();
        assertDenied(server.value("n", "k"), Denial.KEY_NOT_FOUND, "No config item, Namespace: n Key: k");
        assertDenied(server.values("n"), Denial.KEY_NOT_FOUND, "n");
    }

    @Test
    void startsWithTheStoredKeyValues() {
        server = new NameServer(
                NameServerLimits.USUAL, NameServerSettings.USUAL, Map.of("n", Map.of("k", "v")), recorded, recorded, 0);
        assertThat(given(server.values("n"))).isEqualTo(Map.of("k", "v"));
    }

    @Test
    void boundsTheKeyValues() {
        server = aServer(new NameServerLimits(10, 10, 10, 10, 2, 20), NameServerSettings.USUAL);
        given(server.putValue("n", "1", "v"));
        given(server.putValue("n", "2", "v"));
        assertDenied(server.putValue("n", "3", "v"), Denial.LIMIT_REACHED, "2 key-value entries");
        assertDenied(server.putValue("n", "2", "x".repeat(20)), Denial.LIMIT_REACHED, "20 characters");
        assertThat(server.deleteValue("n", "1")).isCompleted();
        given(server.putValue("n", "3", "v"));
    }

    @Test
    void boundsBrokersTopicsAndRoutes() {
        server = aServer(new NameServerLimits(2, 3, 5, 10, 2, 20), NameServerSettings.USUAL);
        given(register(master("a")));
        given(register(master("b")));
        assertDenied(register(master("d")), Denial.LIMIT_REACHED, "2 brokers, its limit");
        given(register(master("a")));

        var four = Map.of("1", QUEUES, "2", QUEUES, "3", QUEUES, "4", QUEUES);
        assertDenied(register(with(master("a"), four, FIRST.next(1))), Denial.LIMIT_REACHED, "at most 3");
        var two = Map.of("1", QUEUES, "2", QUEUES);
        assertDenied(register(with(master("a"), two, FIRST.next(1))), Denial.LIMIT_REACHED, "limit of 5");
        assertThat(given(server.allTopics())).containsExactly("TBW102", "orders");
    }

    @Test
    void refusesARegistrationThatCannotBe() {
        Registration good = master("a");
        assertDenied(
                register(new Registration(good.broker(), -1, "", null, null, true, FIRST, good.topics())),
                Denial.INVALID,
                "brokerId");
        assertDenied(register(silentFor(good, 0)), Denial.INVALID, "heartbeatTimeoutMillis");
        assertDenied(
                register(new Registration(
                        new BrokerId("c", "x".repeat(513), "a"), 0, "", null, null, true, FIRST, good.topics())),
                Denial.INVALID,
                "512 characters");
    }

    @Test
    void refusesToChangeSettingsThatNamePathsOrCommands() {
        for (String key : List.of("kvConfigPath", "configStorePath", "rocketmqHome", "configBlackList", "anyScript")) {
            assertDenied(server.change(Map.of(key, "x")), Denial.SETTING_PROTECTED, key);
        }
        assertThat(recorded.settings).isEmpty();
    }

    @Test
    void everySettingTakesNumbersAndFlagsOnly() {
        for (String key : NameServerSettings.USUAL.values().keySet()) {
            assertDenied(server.change(Map.of(key, "/bin/sh")), Denial.INVALID, key);
        }
        assertThat(recorded.settings).isEmpty();
    }

    @Test
    void changesAllSettingsOrNone() {
        assertDenied(server.change(Map.of("enableTopicList", "false", "fancy", "1")), Denial.SETTING_UNKNOWN, "fancy");
        assertDenied(server.change(Map.of("enableTopicList", "maybe")), Denial.INVALID, "true or false");
        assertDenied(server.change(Map.of("waitSecondsForService", "9999")), Denial.INVALID, "3600");
        assertDenied(server.change(Map.of()), Denial.INVALID, "no setting");
        assertThat(server.settings()).isEqualTo(NameServerSettings.USUAL);

        change(Map.of("enableTopicList", "false"));
        assertThat(recorded.settings).containsEntry("enableTopicList", "false").hasSize(9);
    }

    private NameServer aServer(NameServerSettings settings) {
        return aServer(NameServerLimits.USUAL, settings);
    }

    private NameServer aServer(NameServerLimits limits, NameServerSettings settings) {
        return new NameServer(limits, settings, Map.of(), recorded, recorded, clock.monotonicNanos());
    }

    private Result<Registered> register(Registration registration) {
        return server.register(registration, connection, clock.monotonicNanos());
    }

    private Result<Route> route(String topic) {
        return server.route(topic, null, clock.monotonicNanos());
    }

    private TopicQueues queuesOf(String topic) {
        return given(route(topic)).queues().get(0).queues();
    }

    private void change(Map<String, String> settings) {
        assertThat(given(server.change(settings))).isCompleted();
    }

    private static Map<String, TopicQueues> twoTopics(TopicQueues orders) {
        return Map.of("orders", orders, "TBW102", TEMPLATE);
    }

    private static Registration master(String name) {
        var broker = new BrokerId("c", name, name + ":1");
        return new Registration(broker, 0, name + ":ha", null, null, true, FIRST, twoTopics(QUEUES));
    }

    private static Registration slave(String name, long id) {
        var broker = new BrokerId("c", name, name + id + ":1");
        return new Registration(broker, id, name + id + ":ha", null, null, true, FIRST, twoTopics(QUEUES));
    }

    private static Registration with(Registration from, Map<String, TopicQueues> topics, DataVersion version) {
        return new Registration(from.broker(), from.id(), from.haAddress(), null, null, true, version, topics);
    }

    private static Registration inZone(Registration from, String zone) {
        return new Registration(from.broker(), from.id(), "ha", zone, null, true, FIRST, from.topics());
    }

    private static Registration silentFor(Registration from, long millis) {
        return new Registration(from.broker(), from.id(), "ha", null, millis, true, FIRST, from.topics());
    }

    private static <T> T given(Result<T> result) {
        assertThat(result).isInstanceOf(Given.class);
        return ((Given<T>) result).value();
    }

    private static void assertDenied(Result<?> result, Denial why, String words) {
        assertThat(result).isInstanceOf(Denied.class);
        assertThat(((Denied<?>) result).why()).isEqualTo(why);
        assertThat(((Denied<?>) result).words()).contains(words);
    }

    /** Remembers what the name server told and stored. */
    private static final class Recorded implements NameServerEvents, NameServerStorage {
        final List<String> lines = new ArrayList<>();
        final List<MinBrokerIdChange> changes = new ArrayList<>();
        Map<String, Map<String, String>> stored = Map.of();
        Map<String, String> settings = Map.of();

        @Override
        public void brokerCame(BrokerId broker, long id, int topics) {
            lines.add("came " + broker.address());
        }

        @Override
        public void brokerWent(BrokerId broker, long id, Departure reason) {
            lines.add("went " + broker.address() + " " + reason);
        }

        @Override
        public void registrationIgnored(BrokerId broker, long id, String holder) {
            lines.add("ignored " + broker.address() + ", " + holder + " holds " + id);
        }

        @Override
        public void minBrokerIdChanged(MinBrokerIdChange change) {
            changes.add(change);
        }

        @Override
        public CompletionStage<Void> saveKeyValues(Map<String, Map<String, String>> configTable) {
            stored = new HashMap<>(configTable);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Void> saveSettings(Map<String, String> all) {
            settings = all;
            return CompletableFuture.completedFuture(null);
        }
    }
}
