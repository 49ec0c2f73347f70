package io.vostok;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.vostok.time.SystemClock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks the bands of {@code docs/architecture.md}; a failure's text says what to do. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.vostok");

    private static final String[] GROUND = bands("time", "model", "config", "wire");
    private static final String[] STATE = bands("store", "replication", "raft");
    private static final String[] RULES = bands("broker", "nameserver", "controller", "security", "metrics");
    private static final String[] MOTION = bands("bus", "service", "verticle");
    private static final String[] EDGE = bands("front", "bench", "cli");
    private static final String[] WIRING = {"io.vostok", "io.vostok.role.."};

    private static final String[] JDK = {"java..", "javax..", "org.jspecify..", ""};

    @Test
    void groundUsesNoBandBelow() {
        usesNone("ground", GROUND, STATE, RULES, MOTION, EDGE, WIRING);
    }

    @Test
    void stateUsesNoBandBelow() {
        usesNone("state", STATE, RULES, MOTION, EDGE, WIRING);
    }

    @Test
    void rulesUseNoBandBelow() {
        usesNone("rules", RULES, MOTION, EDGE, WIRING);
    }

    @Test
    void motionUsesNoBandBelow() {
        usesNone("motion", MOTION, EDGE, WIRING);
    }

    @Test
    void edgeUsesNoWiring() {
        usesNone("edge", EDGE, WIRING);
    }

    @Test
    void everyPackageHasItsBand() {
        check(
                classes()
                        .that(resideInAPackage("io.vostok.."))
                        .should()
                        .resideInAnyPackage(all(GROUND, STATE, RULES, MOTION, EDGE, WIRING))
                        .because(
                                "a package outside of the bands has no rules: place it in docs/architecture.md and in this test"));
    }

    @Test
    void groundKnowsTheJdkAndItsParsers() {
        knowsOnly(
                "ground outside of config and wire.body",
                except(GROUND, "io.vostok.config..", "io.vostok.wire.body.."));
        knowsOnly("config", resideInAPackage("io.vostok.config.."), "org.yaml.snakeyaml..");
        knowsOnly("wire.body", resideInAPackage("io.vostok.wire.body.."), "com.fasterxml.jackson..");
    }

    @Test
    void onlyStoreFileKnowsChronicle() {
        knowsOnly("state outside of store.file", except(STATE, "io.vostok.store.file.."));
        knowsOnly("store.file", resideInAPackage("io.vostok.store.file.."), "net.openhft..");
        check(noClasses()
                .that()
                .resideOutsideOfPackage("io.vostok.store.file..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("net.openhft..")
                .because("mapped memory has one home: ask for what you need as a method of Segment or Disk"));
    }

    @Test
    void rulesKnowOnlyTheJdk() {
        knowsOnly("rules", resideInAnyPackage(RULES));
    }

    @Test
    void motionKnowsVertxAndBuffers() {
        knowsOnly(
                "motion",
                resideInAnyPackage(MOTION),
                "io.vertx..",
                "io.netty.buffer..",
                "io.netty.util..",
                "org.slf4j..");
    }

    @Test
    void edgeKnowsVertxAndNetty() {
        knowsOnly(
                "edge outside of front.metrics, bench and cli",
                except(EDGE, "io.vostok.front.metrics..", "io.vostok.bench..", "io.vostok.cli.."),
                "io.vertx..",
                "io.netty..",
                "org.slf4j..");
        knowsOnly("bench", resideInAPackage("io.vostok.bench.."), "io.netty..", "org.HdrHistogram..");
        knowsOnly(
                "front.metrics",
                resideInAPackage("io.vostok.front.metrics.."),
                "io.vertx..",
                "io.micrometer..",
                "io.prometheus..");
    }

    @Test
    void commandsAskOverHttp() {
        knowsOnly(
                "cli",
                resideInAPackage("io.vostok.cli.."),
                "picocli..",
                "com.fasterxml.jackson..",
                "org.yaml.snakeyaml..");
        check(noClasses()
                .that()
                .resideInAPackage("io.vostok.cli..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.vostok..")
                        .and(DescribedPredicate.not(resideInAnyPackage(
                                "io.vostok.cli..", "io.vostok.bench..", "io.vostok.wire..", "io.vostok.time.."))))
                .because("a command starts quickly and works on any server: ask over HTTP or the wire"));
        check(noClasses()
                .that()
                .resideInAPackage("io.vostok.bench..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.vostok..")
                        .and(DescribedPredicate.not(resideInAnyPackage(
                                "io.vostok.bench..", "io.vostok.model..", "io.vostok.wire..", "io.vostok.time.."))))
                .because("load is put on any broker: share nothing with ours but the wire"));
    }

    @Test
    void onlySystemClockReadsTheMachine() {
        check(noClasses()
                .that()
                .doNotHaveFullyQualifiedName(SystemClock.class.getName())
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(java.time.LocalDateTime.class, "now")
                .because("tests must own the time: take a Clock as a parameter"));
    }

    @Test
    void staticsHoldNoState() {
        check(fields().that()
                .areStatic()
                .and()
                .areDeclaredInClassesThat(resideInAPackage("io.vostok.."))
                .should()
                .beFinal()
                .because("a process may hold several brokers: make it a field of an object that role builds"));
        check(fields().that()
                .areStatic()
                .and()
                .areDeclaredInClassesThat(resideInAPackage("io.vostok.."))
                .and()
                // A file lock belongs to the JVM, so which folders this JVM has locked does, too.
                .doNotHaveName("LOCKED_HERE")
                .should()
                .notHaveRawType(resideInAnyPackage("java.util.concurrent.."))
                .because(
                        "atomics, locks and concurrent maps are state: make it a field of an object that role builds"));
    }

    @Test
    void logsThroughSlf4jOnly() {
        check(noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.logging..")
                .because("logs have one backend: use slf4j, at the edges only"));
    }

    private static void usesNone(String band, String[] packages, String[]... below) {
        check(noClasses()
                .that()
                .resideInAnyPackage(packages)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(all(below))
                .because(
                        "the band '" + band + "' may use the bands above it only: hand in an interface or a value that "
                                + "it owns, or move the class to the band that may know both"));
    }

    private static void knowsOnly(String what, DescribedPredicate<JavaClass> that, String... libraries) {
        check(noClasses()
                .that(that)
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(all(JDK, new String[] {"io.vostok.."}, libraries))
                .because(what + " stays free of outside libraries"
                        + (libraries.length == 0 ? "" : " other than " + String.join(", ", libraries))
                        + ": translate at the band that may know the library"));
    }

    private static DescribedPredicate<JavaClass> except(String[] packages, String... without) {
        return resideInAnyPackage(packages).and(DescribedPredicate.not(resideInAnyPackage(without)));
    }

    /** Checks a rule; packages of later issues may still be empty. */
    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(CLASSES);
    }

    private static String[] bands(String... names) {
        String[] packages = new String[names.length];
        for (int i = 0; i < names.length; i++) packages[i] = "io.vostok." + names[i] + "..";
        return packages;
    }

    private static String[] all(String[]... groups) {
        List<String> packages = new ArrayList<>();
        for (String[] group : groups) packages.addAll(List.of(group));
        return packages.toArray(new String[0]);
    }
}
