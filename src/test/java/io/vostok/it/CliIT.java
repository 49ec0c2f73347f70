package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.kit.Folders;
import io.vostok.it.kit.Http;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.Shell;
import io.vostok.it.kit.VostokServer;
import io.vostok.kit.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The command line against the real jar. */
class CliIT extends Scenario {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    protected Server start(ServerSpec spec) {
        return ended(VostokServer.start(spec));
    }

    private Shell shell() {
        return new Shell(((VostokServer) server).httpPort());
    }

    /** Runs a command that changes nothing in all formats, which must say the same; returns it. */
    private JsonNode read(String... words) {
        JsonNode[] json = new JsonNode[1];
        // What the server does meanwhile may come between the two; only figures may differ for good.
        Await.until("JSON and YAML say the same", SOON, () -> {
            json[0] = json(ok(with(words, "-o", "json")));
            JsonNode yaml = JSON.valueToTree(new Yaml().<Object>load(ok(with(words, "-o", "yaml"))));
            return withoutFigures(yaml).equals(withoutFigures(json[0]));
        });
        assertThat(ok(words)).isNotBlank();
        return json[0];
    }

    private static String withoutFigures(JsonNode node) {
        return node.toString().replaceAll("[0-9.E-]+", "0");
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }

    private String ok(String... words) {
        Shell.Result result = shell().run(words);
        assertThat(result.code()).as("%s %s", List.of(words), result).isZero();
        return result.out();
    }

    /** Runs a command that changes something. */
    private JsonNode done(String... words) {
        return json(ok(with(words, "-o", "json")));
    }

    private static String[] with(String[] words, String... more) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** The row of a table that begins with {@code first}. */
    private static List<String> row(String table, String first) {
        return table.lines()
                .filter(line -> line.startsWith(first))
                .map(line -> List.of(line.trim().split("\\s{2,}")))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row " + first + " in\n" + table));
    }

    @Test
    void topicsComeAndGo() {
        String topic = fresh("orders");
        JsonNode created = done("topic", "create", topic, "-q", "3", "--type", "fifo", "--ordered");
        assertThat(created.path("readQueues").asInt()).isEqualTo(3);
        assertThat(created.path("attributes").path("message.type").asText()).isEqualTo("FIFO");
        Shell.Result twice = shell().run("topic", "create", topic);
        assertThat(twice.code()).isEqualTo(1);
        assertThat(twice.out()).isEmpty();
        assertThat(twice.err()).contains("topic `" + topic + "` exists already").contains("hint: ");

        assertThat(read("topic", "get", topic)).isEqualTo(created);
        assertThat(row(ok("topic", "list", "--prefix", topic), topic)).contains("user", "3", "6", "true");
        assertThat(read("topic", "list", "--kind", "all").path("items").size()).isGreaterThan(5);
        assertThat(done("topic", "update", topic, "--perm", "4").path("perm").asInt())
                .isEqualTo(4);
        assertThat(read("topic", "queues", topic).path("items")).hasSize(3);
        assertThat(read("topic", "route", topic)
                        .path("brokers")
                        .path(0)
                        .path("address")
                        .asText())
                .isEqualTo("127.0.0.1:" + server.brokerPort());
        assertThat(ok("topic", "route", topic)).contains("broker-a", "127.0.0.1:" + server.brokerPort());
        assertThat(read("topic", "groups", topic).path("items")).isEmpty();

        Shell.Result silent = shell().run("topic", "delete", topic);
        Shell.Result wrong = shell().type("yes\n", "topic", "delete", topic);
        assertThat(List.of(silent.code(), wrong.code())).containsOnly(4);
        assertThat(silent.err()).contains("0 messages and 0 groups").contains("--yes");
        read("topic", "get", topic);
        Shell.Result named = shell().type(topic + "\n", "topic", "delete", topic);
        assertThat(named)
                .extracting(Shell.Result::code, Shell.Result::out)
                .containsExactly(0, "deleted topic " + topic + System.lineSeparator());
        assertThat(shell().run("topic", "get", topic).code()).isEqualTo(1);
    }

    @Test
    void messagesAreSentAndFound() throws IOException {
        String topic = fresh("sent");
        ok("topic", "create", topic, "-q", "1");
        Path file = Files.write(Folders.make("body").resolve("body.bin"), new byte[] {(byte) 0xff, 0, 7});

        JsonNode first =
                done("msg", "send", topic, "订单 1", "-t", "created", "-k", "k1", "-p", "region=eu", "-p", "amount=10");
        JsonNode binary = done("msg", "send", topic, "--file", file.toString());
        assertThat(json(shell().type("from stdin\n", "msg", "send", topic, "-o", "json")
                                .out())
                        .path("sendStatus")
                        .asText())
                .isEqualTo("SEND_OK");
        assertThat(shell().type("a\nb\n\u00e4\n", "msg", "send", topic, "--lines", "-t", "line")
                        .out())
                .isEqualToIgnoringNewLines("sent 3");
        Shell.Result large = shell().type("x".repeat(5 << 20), "msg", "send", topic);
        assertThat(large.code()).isEqualTo(1);
        assertThat(large.err()).contains("hint: ");
        Shell.Result halfway = shell().type("c\n\nd\n", "msg", "send", topic, "--lines", "-p", "MIN_OFFSET=1");
        assertThat(halfway.code()).isEqualTo(1);

        JsonNode got = read("msg", "get", topic, first.path("id").asText());
        assertThat(got.path("body").asText()).isEqualTo("订单 1");
        assertThat(got.path("properties").path("amount").asText()).isEqualTo("10");
        assertThat(read("msg", "get", topic, binary.path("id").asText())
                        .path("bodyBase64")
                        .asText())
                .isEqualTo("/wAH");
        Await.until(
                "it is indexed",
                SOON,
                () -> ok("msg", "find", topic, "-k", "k1").contains("订单"));
        assertThat(row(ok("msg", "find", topic, "--tag", "line", "--limit", "2"), "20"))
                .contains("line", "a");
        assertThat(read("msg", "find", topic, "--limit", "2").path("items")).hasSize(2);
        assertThat(read("msg", "find", topic, "--filter", "region = 'eu' AND amount > 9")
                        .path("items"))
                .hasSize(1);
        assertThat(ok("msg", "find", topic)).contains("base64:/wAH").contains("from stdin\\n");

        String lines = ok("msg", "tail", topic, "--from", "earliest", "--tag", "line", "--max", "3");
        assertThat(lines.lines()).hasSize(3).last().asString().endsWith("0/5 tag=line  \u00e4");
        String json = ok("msg", "tail", topic, "--from", "earliest", "--max", "2", "-o", "json");
        assertThat(json.lines().map(line -> json(line).path("offset").asInt())).containsExactly(0, 1);
        String yaml = ok("msg", "tail", topic, "--from", "earliest", "--max", "2", "-o", "yaml");
        assertThat(new Yaml().loadAll(yaml)).hasSize(2);
        assertThat(shell().run("msg", "tail", fresh("none")).err()).contains("does not exist");
    }

    @Test
    void groupsConsumeAndAreMoved() {
        String topic = fresh("consumed");
        String group = fresh("g");
        ok("topic", "create", topic, "-q", "1");
        assertThat(done("group", "create", group, "--retries", "2")
                        .path("retryMaxTimes")
                        .asInt())
                .isEqualTo(2);
        shell().type("a\nb\nc\nd\n", "msg", "send", topic, "--lines");

        ArrayNode items = (ArrayNode) done("msg", "receive", group, "--topic", topic, "--max", "3", "--wait", "5s")
                .path("items");
        assertThat(items).hasSize(3);
        String[] receipts = new String[3];
        for (int i = 0; i < 3; i++) receipts[i] = items.path(i).path("receipt").asText();
        assertThat(row(ok("msg", "ack", group, receipts[0]), "200")).isNotEmpty();
        String longer = done("msg", "extend", group, receipts[1], "--invisible", "5m")
                .path("items")
                .path(0)
                .path("newReceipt")
                .asText();
        assertThat(done("msg", "nack", group, receipts[2], "--dead-letter")
                        .path("failed")
                        .asInt())
                .isZero();
        ok("msg", "ack", group, longer);
        Shell.Result nonsense = shell().run("msg", "ack", group, "nonsense");
        assertThat(nonsense.code()).isEqualTo(1);
        assertThat(nonsense.err()).contains("hint: ");
        assertThat(ok("msg", "receive", group, "--topic", topic, "--wait", "5s", "--ack"))
                .contains("d");

        read("group", "list");
        assertThat(read("group", "get", group).path("name").asText()).isEqualTo(group);
        Await.until(
                "all is consumed",
                SOON,
                () -> read("group", "lag", group, "--topic", topic).path("lag").asInt() == 0);
        read("group", "lag");
        read("group", "offsets", group);
        read("group", "clients", group);
        read("client", "list");
        read("client", "subscriptions");
        assertThat(done("group", "update", group, "--retries", "5")
                        .path("retryMaxTimes")
                        .asInt())
                .isEqualTo(5);

        JsonNode preview = read("group", "reset", group, "--topic", topic, "--to", "earliest", "--dry-run");
        assertThat(preview.path("items").path(0).path("after").asInt()).isZero();
        Shell.Result refused = shell().type("no\n", "group", "reset", group, "--topic", topic, "--to", "earliest");
        assertThat(refused.code()).isEqualTo(4);
        assertThat(row(refused.err(), "0")).containsExactly("0", "4", "0", "4");
        assertThat(read("group", "lag", group, "--topic", topic).path("lag").asInt())
                .isZero();
        Shell.Result reset = shell().run("group", "reset", group, "--topic", topic, "--to", "earliest", "--yes");
        assertThat(reset.code()).isZero();
        Matcher way = Pattern.compile("The way back: java -jar vostok.jar (.*)").matcher(reset.err());
        assertThat(way.find()).as(reset.err()).isTrue();
        assertThat(read("group", "lag", group, "--topic", topic).path("lag").asInt())
                .isEqualTo(4);
        ok(with(way.group(1).split(" "), "--yes"));
        assertThat(read("group", "lag", group, "--topic", topic).path("lag").asInt())
                .isZero();

        assertThat(ok("group", "delete", group, "--yes")).contains("deleted group");
        assertThat(shell().run("group", "get", group).code()).isEqualTo(1);
    }

    @Test
    void deadLettersAreRedriven() {
        String topic = fresh("died");
        String group = fresh("g");
        ok("topic", "create", topic, "-q", "1");
        ok("msg", "send", topic, "once more", "-k", "k");
        String receipt = done("msg", "receive", group, "--topic", topic, "--wait", "5s")
                .path("items")
                .path(0)
                .path("receipt")
                .asText();
        ok("msg", "nack", group, receipt, "--dead-letter");

        Await.until(
                "it is dead",
                SOON,
                () -> !read("dlq", "list", group).path("items").isEmpty());
        JsonNode letter =
                read("dlq", "list", group, "--topic", topic).path("items").path(0);
        assertThat(letter.path("originTopic").asText()).isEqualTo(topic);
        assertThat(row(ok("dlq", "list", group, "--limit", "5"), "20")).contains(topic, "once more", "false");
        assertThat(read("dlq", "redrive", group, "--dry-run").path("matched").asInt())
                .isEqualTo(1);
        assertThat(read("dlq", "status", group).path("state").asText()).isEqualTo("none");
        Shell.Result unasked = shell().run("dlq", "redrive", group);
        assertThat(unasked.code()).isEqualTo(4);
        assertThat(unasked.err()).contains("1 dead letters go to " + group + " again");
        JsonNode started = done(
                "dlq",
                "redrive",
                group,
                "--id",
                letter.path("id").asText(),
                "--target",
                "group",
                "--rate",
                "10",
                "--yes");
        assertThat(started.path("ratePerSecond").asInt()).isEqualTo(10);
        Await.until(
                "it is sent",
                SOON,
                () -> read("dlq", "status", group).path("state").asText().equals("done"));
        assertThat(ok("msg", "receive", group, "--topic", topic, "--wait", "10s", "--ack"))
                .contains("once more");
        assertThat(row(ok("dlq", "list", group), "20")).contains("true");
        assertThat(shell().run("dlq", "stop", group).code()).isEqualTo(1);
    }

    @Test
    void whatWaitsIsDeliveredOrRecalled() {
        String topic = fresh("waits");
        ok("topic", "create", topic, "-q", "1");
        ok("msg", "send", topic, "early", "--delay", "90m");
        ok("msg", "send", topic, "never", "--delay", "91m");
        String handle = done("msg", "send", topic, "neither", "--delay", "92m")
                .path("recallHandle")
                .asText();
        Await.until(
                "all wait",
                SOON,
                () -> read("timer", "list", "--kind", "time", "--topic", topic)
                                .path("items")
                                .size()
                        == 3);
        assertThat(row(ok("timer", "list", "--topic", topic), "20")).contains("time", topic, "false");
        JsonNode waiting = read("timer", "list", "--topic", topic).path("items");

        assertThat(row(ok("timer", "deliver", waiting.path(0).path("id").asText()), "200"))
                .isNotEmpty();
        ok("timer", "recall", waiting.path(1).path("id").asText());
        assertThat(done("timer", "recall", "--handle", topic + "=" + handle)
                        .path("uniqueId")
                        .isTextual())
                .isTrue();
        assertThat(shell().run("timer", "recall", "nonsense").code()).isEqualTo(1);

        Await.until("one is there", SOON, () -> ok("msg", "find", topic).contains("early"));
        assertThat(ok("msg", "find", topic)).doesNotContain("never", "neither");
    }

    @Test
    void transactionsAreDecidedByHand() {
        String topic = fresh("decided");
        ok("topic", "create", topic, "-q", "1");
        Http http = closing(new Http(((VostokServer) server).httpPort()));
        for (String body : List.of("kept", "dropped")) {
            String path = "/api/v1/topics/" + topic + "/messages:transact?producerGroup=by-hand";
            assertThat(http.post(path, "text/plain", body).statusCode()).isEqualTo(201);
        }
        Await.until(
                "both are undecided",
                SOON,
                () -> read("transaction", "list", "--topic", topic)
                                .path("items")
                                .size()
                        == 2);
        JsonNode halves =
                read("transaction", "list", "--producer-group", "by-hand").path("items");
        ok("transaction", "commit", halves.path(0).path("id").asText());
        ok("transaction", "rollback", halves.path(1).path("id").asText());
        Shell.Result late =
                shell().run("transaction", "commit", halves.path(1).path("id").asText());
        assertThat(late.code()).isEqualTo(1);
        assertThat(row(late.out(), "410")).isNotEmpty();
        Await.until("one is there", SOON, () -> ok("msg", "find", topic).contains("kept"));
        assertThat(ok("msg", "find", topic)).doesNotContain("dropped");
    }

    @Test
    void showsTheBrokerAndChangesItsSettings() {
        assertThat(read("cluster").path("name").asText()).isEqualTo("DefaultCluster");
        assertThat(row(ok("cluster"), "broker-a")).contains("127.0.0.1:" + server.brokerPort(), "true");
        assertThat(read("broker", "show").path("writable").asBoolean()).isTrue();
        assertThat(read("broker", "settings", "get").path("items").size()).isGreaterThan(20);
        assertThat(row(ok("broker", "settings", "set", "deleteWhen=07"), "deleteWhen"))
                .contains("07", "true");
        assertThat(row(ok("broker", "settings", "get", "deleteWhen"), "deleteWhen"))
                .contains("07");
        Shell.Result dangerous = shell().run("broker", "settings", "set", "rocketmqHome=x");
        assertThat(dangerous.code()).isEqualTo(1);
        assertThat(dangerous.err()).contains("cannot be changed from outside");
        assertThat(shell().run("broker", "--broker", "nobody", "show").code()).isEqualTo(1);
    }

    @Test
    void showsWhoIsThere() {
        String topic = fresh("sent");
        String producers = fresh("p");
        String consumers = fresh("g");
        Producer producer = closing(client(Peers.NEW).producer(ProducerSpec.of(producers)));
        producer.send(Draft.of(topic, "m"));
        Inbox inbox = new Inbox();
        closing(client(Peers.OLD).consumer(ConsumerSpec.of(consumers, topic), inbox));
        inbox.awaitTexts(List.of("m"));

        assertThat(row(ok("topic", "producers", topic), producers)).contains("true");
        assertThat(read("topic", "producers", topic).path("items")).hasSize(1);
        Await.until("both are known", SOON, () -> {
            List<String> groups = read("client", "list").path("items").findValuesAsText("group");
            return groups.contains(producers) && groups.contains(consumers);
        });
        assertThat(row(ok("group", "clients", consumers), "consumer")).contains(consumers, "JAVA");
        assertThat(row(ok("client", "list", "--kind", "producer", "--group", producers), "producer"))
                .contains(producers);
        assertThat(row(ok("client", "subscriptions"), consumers)).contains("CONSUME_PASSIVELY", "CLUSTERING");
        assertThat(ok("client", "subscriptions", "--conflicts")).doesNotContain(consumers);
        assertThat(ok("topic", "groups", topic)).contains(consumers);
    }

    @Test
    void doctorGoesTheWayOfAClient() {
        ok("topic", "create", fresh("seen"), "-q", "1");
        Shell.Result table = shell().run("doctor");
        assertThat(table.code()).as(table.out()).isIn(0, 5);
        assertThat(row(table.out(), "ok     route").get(2)).contains("127.0.0.1:" + server.brokerPort());
        JsonNode found = json(shell().run("doctor", "-o", "json").out()).path("items");
        assertThat(found.findValuesAsText("check"))
                .contains(
                        "http",
                        "ready",
                        "name server",
                        "broker address",
                        "disk",
                        "flush",
                        "heap",
                        "memory",
                        "open files",
                        "mappings",
                        "clock");
        for (JsonNode each : found) {
            if (List.of("name server", "route", "broker address", "clock")
                    .contains(each.path("check").asText())) {
                assertThat(each.path("state").asText()).as(each.toString()).isEqualTo("ok");
            }
        }
        Shell.Result lost = shell().run("doctor", "--nameserver", "127.0.0.1:1");
        assertThat(lost.code()).isEqualTo(1);
        assertThat(row(lost.out(), "fail").get(1)).isEqualTo("name server");
    }

    @Test
    void doctorSeesThatClientsAreSentElsewhere() {
        VostokServer lost = ended(VostokServer.start(
                ServerSpec.plain().named("broker-lost"),
                "--broker.advertisedHost=127.0.0.2",
                "--listen.host=127.0.0.1"));
        Shell.Result result = new Shell(lost.httpPort()).run("doctor");
        assertThat(result.code()).as(result.out()).isEqualTo(1);
        assertThat(row(result.out(), "fail"))
                .satisfies(row -> assertThat(row.get(1)).isEqualTo("broker address"))
                .satisfies(row -> assertThat(row.get(2)).contains("clients are told 127.0.0.2:"));
    }

    @Test
    void theJarIsQuietAndLoadsNothingOfTheServer() {
        String topic = fresh("jar");
        Shell.Result created = shell().jar(List.of("-Xlog:class+load:file=classes"), "topic", "create", topic);
        assertThat(created.code()).as(created.err()).isZero();
        assertThat(created.err()).isEmpty();
        assertThat(row(created.out(), "name")).containsExactly("name", topic);
        Shell.Result classes = shell().jar(List.of("-Xlog:class+load:stdout"), "topic", "get", topic, "-o", "yaml");
        assertThat(classes.out()).contains("io.vostok.cli.TopicCommands");
        assertThat(classes.out())
                .doesNotContain(
                        "io.vostok.config", "io.vostok.role", "io.vertx.", "io.netty.", "ch.qos.logback", "org.slf4j");
        assertThat(shell().jar(List.of(), "topic", "create", topic).code()).isEqualTo(1);
        assertThat(shell().jar(List.of(), "topic", "crate").code()).isEqualTo(2);
        Shell.Result nobody = shell().jar(List.of(), "cluster", "--url", "http://127.0.0.1:1");
        assertThat(nobody.code()).isEqualTo(3);
        assertThat(nobody.out()).isEmpty();
        assertThat(nobody.err()).contains("cannot reach http://127.0.0.1:1").contains("VOSTOK_URL");
    }

    @Test
    void tailFollowsUntilItIsInterrupted() throws Exception {
        String topic = fresh("tailed");
        ok("topic", "create", topic, "-q", "1");
        Path folder = Folders.make("tail");
        Process tail = shell().start(folder, List.of(), "msg", "tail", topic, "--from", "earliest");
        try {
            for (String body : List.of("one", "two")) {
                ok("msg", "send", topic, body);
                Await.until(
                        body + " is there",
                        SOON,
                        () -> read(folder.resolve("out")).contains(body));
            }
            boolean deaf = interruptsAreIgnored();
            new ProcessBuilder("sh", "-c", "kill -" + (deaf ? "TERM " : "INT ") + tail.pid())
                    .start()
                    .waitFor();
            assertThat(tail.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(tail.exitValue()).isEqualTo(deaf ? 143 : 130);
            assertThat(read(folder.resolve("out")).lines()).hasSize(2);
        } finally {
            tail.destroyForcibly();
        }
    }

    /** A build that a script put into the background ignores Ctrl-C, and so does whatever it starts. */
    private static boolean interruptsAreIgnored() {
        String ignored = read(Path.of("/proc/self/status"))
                .lines()
                .filter(line -> line.startsWith("SigIgn:"))
                .findFirst()
                .orElseThrow();
        return (Long.parseUnsignedLong(ignored.substring("SigIgn:".length()).strip(), 16) & 1 << 1) != 0;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void completionIsAScriptThatBashTakes() throws Exception {
        Path folder = Folders.make("completion");
        Path script = Files.writeString(folder.resolve("vostok.bash"), ok("generate-completion"));
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        "source " + script
                                + "; COMP_WORDS=(vostok topic cr); COMP_CWORD=2; COMP_LINE='vostok topic cr';"
                                + " _complete_vostok; echo ${COMPREPLY[@]}")
                .redirectError(folder.resolve("err").toFile()) // compopt wants a shell that is completing
                .start();
        String out = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(out).isZero();
        assertThat(out.strip()).isEqualTo("create");
    }

    @Test
    void whatARefusalAdvisesCanBeTyped() {
        String topic = fresh("advised");
        VostokServer strict = ended(VostokServer.start(ServerSpec.plain().autoCreateTopics(false)));
        Shell shell = new Shell(strict.httpPort());
        Shell.Result refused = shell.run("msg", "send", topic, "x");
        Matcher advice = Pattern.compile("`java -jar vostok.jar ([^`]*)`").matcher(refused.err());
        assertThat(advice.find()).as(refused.err()).isTrue();
        assertThat(shell.run(advice.group(1).split(" ")).code()).isZero();
        assertThat(shell.run("msg", "send", topic, "x").code()).isZero();
    }
}
