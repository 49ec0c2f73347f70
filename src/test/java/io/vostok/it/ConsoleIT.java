package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.kit.Browser;
import io.vostok.it.kit.Http;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.VostokServer;
import io.vostok.kit.Await;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The console in a real browser, on a live broker. */
class ConsoleIT extends Scenario {
    private static final String ESCAPE = "\uE00C";
    private static final String TAB = "\uE004";
    private static final String ENTER = "\uE007";
    private static final String EVIL = "<script>window.harmed=1</script><img src=x onerror=\"window.harmed=1\">";

    private @Nullable Browser opened;

    @Override
    protected Server start(ServerSpec spec) {
        return ended(VostokServer.start(spec));
    }

    @BeforeAll
    void openBrowser() {
        Optional<Browser> found = Browser.at(httpPort());
        String missing = "no chromedriver on the PATH: install Debian's chromium and chromium-driver, or what has them";
        if ("required".equals(System.getProperty("it.browser")))
            assertThat(found).as(missing).isPresent();
        assumeTrue(found.isPresent(), missing);
        opened = found.get();
    }

    @AfterAll
    void closeBrowser() {
        if (opened != null) opened.close();
    }

    @BeforeEach
    void startAfresh() {
        browser().size(1280, 900);
        browser().open("/api/docs");
        browser().run("localStorage.clear()");
        browser().complaints();
    }

    private Browser browser() {
        if (opened == null) throw new AssertionError("no browser");
        return opened;
    }

    private int httpPort() {
        return ((VostokServer) server).httpPort();
    }

    private Http http() {
        return closing(new Http(httpPort()));
    }

    private static JsonObject ok(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return answer.body().isEmpty() ? new JsonObject() : new JsonObject(answer.body());
    }

    private static void make(Http http, String topic) {
        JsonObject wish =
                new JsonObject().put("name", topic).put("readQueues", 2).put("writeQueues", 2);
        ok(http.answer("POST", "/api/v1/topics", wish.encode()));
    }

    private static JsonArray receive(Http http, String group, String topic, int most) {
        String path = "/api/v1/groups/" + group + "/messages:receive?wait=10s&topic=" + topic + "&max=" + most;
        return ok(http.answer("POST", path, "")).getJsonArray("items");
    }

    private static void answer(Http http, String group, String verb, JsonArray received, JsonObject more) {
        JsonArray receipts = new JsonArray();
        received.forEach(message -> receipts.add(((JsonObject) message).getString("receipt")));
        String path = "/api/v1/groups/" + group + "/messages:" + verb;
        assertThat(ok(http.answer("POST", path, more.put("receipts", receipts).encode()))
                        .getInteger("failed"))
                .isZero();
    }

    @Test
    void everyPageLoadsOnScreensAndTelephones() {
        Http http = http();
        String topic = fresh("pages");
        String group = fresh("g");
        make(http, topic);
        JsonObject sent = http.send(
                topic,
                new JsonObject().put("body", new JsonObject().put("n", 1)).put("key", "k"));
        http.send(topic, new JsonObject().put("body", "later").put("delay", "1h"));
        answer(http, group, "nack", receive(http, group, topic, 1), new JsonObject().put("deadLetter", true));
        String broker = http.get("/api/v1/cluster")
                .getJsonArray("brokers")
                .getJsonObject(0)
                .getString("name");
        List<String> pages = new ArrayList<>(List.of(
                "",
                "topics",
                "topics?kind=all",
                "groups",
                "messages",
                "dead-letters",
                "timers",
                "transactions",
                "clients",
                "brokers"));
        for (String tab : List.of("status", "groups", "producers", "route", "send", "settings")) {
            pages.add("topics/" + topic + "/" + tab);
        }
        for (String tab : List.of("lag", "clients", "reset", "settings")) pages.add("groups/" + group + "/" + tab);
        for (String tab : List.of("figures", "settings", "documentation")) pages.add("brokers/" + broker + "/" + tab);
        for (String mode : List.of("newest", "time", "key&key=k", "offset&queue=0&offset=0", "tail")) {
            pages.add("messages?topic=" + topic + "&mode=" + mode);
        }
        pages.add("messages/" + topic + "/" + sent.getString("id"));
        pages.add("dead-letters?group=" + group);

        for (String page : pages) {
            browser().size(1280, 900);
            browser().open("/#/" + page);
            browser().awaitLoaded();
            assertFits(page, 1280);
            browser().size(390, 844);
            assertFits(page, 390);

            assertThat(browser().complaints()).as(page).isEmpty();
            assertThat(browser().run("return document.querySelectorAll('.wrong').length"))
                    .as(page)
                    .isEqualTo(0);
            assertThat(browser()
                            .run("return [...document.querySelectorAll('input, select, textarea')]"
                                    + ".filter((e) => !e.labels?.length && !e.getAttribute('aria-label')).length"))
                    .as("inputs of %s without a label", page)
                    .isEqualTo(0);
        }
        browser().open("/api/docs");
        browser().awaitText("Create a topic");
        assertFits("/api/docs", 390);
        assertThat(browser().complaints()).isEmpty();
    }

    private void assertFits(String page, int width) {
        assertThat(
                        browser()
                                .run(
                                        "const {scrollWidth, clientWidth} = document.documentElement; return scrollWidth - clientWidth"))
                .as("pixels of %s that lie beyond a width of %d", page, width)
                .isEqualTo(0);
    }

    @Test
    void topicIsMadeUsedChangedAndDeleted() {
        String topic = fresh("made");
        browser().open("/#/topics");

        browser().click("New topic");
        browser().fill("Name", topic);
        browser().fill("Read queues", "3");
        browser().fill("Write queues", "3");
        browser().click("Create");
        browser().awaitText("Topic " + topic + " is created");
        browser().click(topic);
        browser().click("Settings");
        browser().fill("Permission", "4");
        browser().click("Save");
        browser().awaitText(topic + " is saved");
        JsonObject readOnly = http().get("/api/v1/topics/" + topic);
        browser().fill("Permission", "6");
        browser().click("Save");
        browser().awaitText("User · read and write");
        browser().click("Send");
        browser().fill("Body", "{\"amount\": 12345678901234567890.10}");
        browser().fill("Content type", "application/json");
        browser().fill("Keys", "order-1");
        browser().fill("Tag", "paid");
        browser().fill("Properties", "region=eu");
        browser().run("document.querySelector('form button[type=submit]').click()");
        browser().awaitText("The message is stored");
        browser().run("document.querySelector('.done a').click()");
        browser().awaitText("Who consumed it");
        browser().awaitText("\"amount\": 12345678901234567890.10");
        String shown = browser().text();
        browser().open("/#/topics/" + topic);
        browser().click("Delete");
        browser().fill("Type " + topic + " to confirm", topic.substring(1));
        boolean deletableByAnotherName = browser().isEnabled("Delete");
        browser().fill("Type " + topic + " to confirm", topic);
        browser().click("Delete");
        browser().awaitText("Topic " + topic + " is deleted");

        assertThat(readOnly.getInteger("perm")).isEqualTo(4);
        assertThat(readOnly.getInteger("readQueues")).isEqualTo(3);
        assertThat(shown).contains("order-1", "paid", "region", "eu");
        assertThat(deletableByAnotherName).isFalse();
        assertThat(http().answer("GET", "/api/v1/topics/" + topic, "").statusCode())
                .isEqualTo(404);
        assertThat(browser().complaints()).isEmpty();
    }

    @Test
    void messagesNeverBecomeMarkup() {
        Http http = http();
        String topic = fresh("evil");
        make(http, topic);
        JsonObject message = new JsonObject()
                .put("body", EVIL)
                .put("key", "<b>k</b>")
                .put("tag", "<i>t</i>")
                .put("properties", new JsonObject().put("p", EVIL));
        JsonObject sent = http.send(topic, message);
        ok(http.answer(
                "POST",
                "/api/v1/topics/" + topic + "/messages",
                message.put("body", new JsonObject().put("x", EVIL)).encode()));

        for (String page : List.of(
                "messages?topic=" + topic,
                "messages?topic=" + topic + "&mode=key&key=%3Cb%3Ek%3C/b%3E",
                "messages/" + topic + "/" + sent.getString("id"))) {
            browser().open("/#/" + page);
            browser().awaitText("<script>window.harmed=1</script>");
            browser().awaitText("<i>t</i>");
            assertHarmless();
        }
        String asText = String.valueOf(browser().run("return document.querySelector('pre').textContent"));
        browser().click("Hex");
        browser().awaitText("3c 73 63 72 69 70 74 3e");
        browser().open("/#/messages?topic=" + topic + "&mode=tail");
        browser().awaitText("Following");
        http.send(topic, message.put("body", EVIL));
        browser().awaitText("<script>window.harmed=1</script>");
        assertHarmless();
        browser().open("/#/topics/" + "%3Cimg%20src%3Dx%20onerror%3D%22window.harmed%3D1%22%3E");
        browser().awaitText("<img src=x onerror=\"window.harmed=1\">");
        assertHarmless();

        assertThat(asText).isEqualTo(EVIL);
    }

    private void assertHarmless() {
        assertThat(
                        browser()
                                .run(
                                        "return [window.harmed ?? null, document.querySelectorAll('main script, main img, main b, main i').length]"))
                .isEqualTo(new JsonArray().addNull().add(0));
    }

    @Test
    void groupGoesOnElsewhereAfterALookAndBack() {
        Http http = http();
        String topic = fresh("resets");
        String group = fresh("g");
        make(http, topic);
        for (int i = 0; i < 6; i++) http.send(topic, new JsonObject().put("body", "m" + i));
        Inbox inbox = new Inbox();
        Consumer consumer = closing(client(Peers.NEW).consumer(ConsumerSpec.of(group, topic), inbox));
        browser().open("/#/groups/" + group + "/clients");
        browser().awaitText("JAVA");
        browser().awaitText(topic);
        Await.until("all are consumed", SOON, () -> inbox.all().size() == 6);
        closeIdle(consumer);
        Await.until("all is committed", SOON, () -> lag(http, group, topic) == 0);

        browser().click("Reset offsets");
        browser().fill("Topic", topic);
        browser().fill("To", "earliest");
        browser().click("Preview");
        browser().awaitText("What would change on " + topic);
        long lagAfterPreview = lag(http, group, topic);
        browser().click("Reset");
        browser().fill("Type " + group + " to confirm", group);
        browser().click("Reset");
        browser().awaitText("What changed on " + topic);
        long lagAfterReset = lag(http, group, topic);
        browser().click("Lag");
        browser().awaitText("6 behind");
        browser().click("Reset offsets");
        browser().fill("Topic", topic);
        browser().fill("To", "latest");
        browser().click("Preview");
        browser().click("Reset");
        browser().fill("Type " + group + " to confirm", group);
        browser().click("Reset");
        browser().click("Undo");
        browser().awaitText(group + " is where it was on " + topic);

        assertThat(lagAfterPreview).isZero();
        assertThat(lagAfterReset).isEqualTo(6);
        assertThat(lag(http, group, topic)).isEqualTo(6);
        assertThat(browser().complaints()).isEmpty();
    }

    private static long lag(Http http, String group, String topic) {
        return http.get("/api/v1/groups/" + group + "/lag?topic=" + topic).getLong("lag");
    }

    @Test
    void groupIsMadeChangedAndDeleted() {
        String group = fresh("made");
        browser().open("/#/groups");

        browser().click("New group");
        browser().fill("Name", group);
        browser().fill("Attempts", "3");
        browser().click("Create");
        browser().awaitText("Group " + group + " is created");
        browser().click(group);
        browser().click("Settings");
        browser().tick("May consume");
        browser().click("Save");
        browser().awaitText("Consuming is off");
        JsonObject changed = http().get("/api/v1/groups/" + group);
        browser().click("Delete");
        browser().fill("Type " + group + " to confirm", group);
        browser().click("Delete");
        browser().awaitText("Group " + group + " is deleted");

        assertThat(changed.getInteger("retryMaxTimes")).isEqualTo(3);
        assertThat(changed.getBoolean("consumeEnabled")).isFalse();
        assertThat(http().answer("GET", "/api/v1/groups/" + group, "").statusCode())
                .isEqualTo(404);
        assertThat(browser().complaints()).isEmpty();
    }

    @Test
    void tellsWhatTheServerRefuses() {
        browser().open("/#/topics");
        browser().click("New topic");
        browser().fill("Name", "TBW102");
        browser().click("Create");
        browser().awaitText("HTTP 409");
        String refused = browser().text();
        browser().press(ESCAPE);
        browser().awaitThat("the dialog is closed", () -> !browser().text().contains("HTTP 409"));

        assertThat(refused).contains("TBW102").contains("RocketMQ code");
        assertThat(browser().run("return document.activeElement.innerText")).isEqualTo("New topic");
    }

    @Test
    void canBeUsedWithTheKeyboardInChineseAndInTheDark() {
        browser().open("/#/topics");
        browser().awaitLoaded();

        browser().press(TAB);
        Object first = browser().run("return document.activeElement.innerText");
        browser().press(ENTER);
        Object skippedTo = browser().run("return document.activeElement.id");
        browser()
                .run("const own = document.querySelector('.switches select'); own.value = 'zh';"
                        + "own.dispatchEvent(new Event('change', {bubbles: true}))");
        browser().awaitText("新建主题");
        Object language = browser().run("return document.documentElement.lang");
        browser().click("自动");
        browser().click("浅色");
        browser().open("/#/brokers");
        browser().awaitText("深色");

        assertThat(first).isEqualTo("Skip to content");
        assertThat(skippedTo).isEqualTo("main");
        assertThat(language).isEqualTo("zh-CN");
        assertThat(browser().run("return getComputedStyle(document.documentElement).colorScheme"))
                .isEqualTo("dark");
        assertThat(browser().complaints()).isEmpty();
    }

    @Test
    void overviewDrawsWhatHappens() {
        Http http = http();
        String topic = fresh("drawn");
        make(http, topic);
        browser().open("/#/");
        browser().awaitText("Messages");

        browser().awaitThat("a rate is drawn", () -> {
            http.send(topic, new JsonObject().put("body", "x"));
            return Boolean.TRUE.equals(browser()
                    .run("return [...document.querySelectorAll('.chart-line')].length >= 6"
                            + " && /L/.test(document.querySelector('.chart-line').getAttribute('d'))"
                            + " && !/^0\\/s/.test(document.querySelector('.chart-value').innerText)"));
        });

        assertThat(browser().text()).contains("Healthy", "Needs attention", "Log size");
        assertThat(browser().complaints()).isEmpty();
    }

    @Test
    void asksNothingWhileNobodyLooks() {
        browser().open("/#/topics");
        browser().awaitLoaded();
        browser().run("""
                window.waiting = new Set(); window.asked = 0; window.underWay = 0;
                const {setTimeout, clearTimeout, fetch} = window;
                window.setTimeout = (task, millis) => {
                  const id = setTimeout(() => { waiting.delete(id); task(); }, millis);
                  waiting.add(id);
                  return id;
                };
                window.clearTimeout = (id) => { waiting.delete(id); clearTimeout(id); };
                window.fetch = async (...given) => {
                  asked += 1; underWay += 1;
                  try { return await fetch(...given); } finally { underWay -= 1; }
                };""");
        browser().awaitThat("it asks again and waits", () -> isTrue("return asked > 0 && waiting.size > 0"));

        browser().run(seen("hidden"));
        browser().awaitThat("it waits for nothing", () -> isTrue("return waiting.size === 0 && underWay === 0"));
        Object asked = browser().run("return asked");
        browser().run(seen("visible"));
        browser().awaitThat("it asks again", () -> isTrue("return asked > " + asked + " && waiting.size > 0"));
        browser().click("Live");
        browser().awaitThat("it waits for nothing", () -> isTrue("return waiting.size === 0 && underWay === 0"));
        browser().click("Paused");
        browser().awaitThat("it goes on", () -> isTrue("return waiting.size > 0"));
    }

    private boolean isTrue(String script) {
        return Boolean.TRUE.equals(browser().run(script));
    }

    private static String seen(String state) {
        return "Object.defineProperty(document, 'visibilityState', {value: '" + state + "', configurable: true});"
                + "document.dispatchEvent(new Event('visibilitychange'))";
    }

    @Test
    void waitingMessagesAreRecalledAndDeliveredEarly() {
        Http http = http();
        String topic = fresh("timed");
        make(http, topic);
        for (String key : List.of("never", "now")) {
            http.send(topic, new JsonObject().put("body", key).put("key", key).put("delay", "90m"));
        }
        browser().open("/#/timers?kind=time&topic=" + topic);
        browser().awaitText("never");

        browser().run(choose("never"));
        browser().click("Recall");
        browser().fill("Type " + topic + " to confirm", topic);
        browser().click("Recall");
        browser().awaitText("1 are recalled");
        browser().run(choose("now"));
        browser().click("Deliver now");
        browser().fill("Type " + topic + " to confirm", topic);
        browser().click("Deliver now");
        browser().awaitText("1 are delivered now");

        Await.until("it is delivered", SOON, () -> messages(http, topic).size() == 1);
        assertThat(messages(http, topic).getJsonObject(0).getString("body")).isEqualTo("now");
        assertThat(browser().complaints()).isEmpty();
    }

    /** A script that ticks the one row in which {@code words} stand. */
    private static String choose(String words) {
        return "[...document.querySelectorAll('tbody tr')].find((row) => [...row.querySelectorAll('code')]"
                + ".some((e) => e.innerText === '" + words + "')).querySelector('input').click()";
    }

    private static JsonArray messages(Http http, String topic) {
        return http.get("/api/v1/topics/" + topic + "/messages").getJsonArray("items");
    }

    @Test
    void deadLettersAreSentAgain() {
        Http http = http();
        String topic = fresh("dead");
        String group = fresh("g");
        make(http, topic);
        for (String key : List.of("one", "two", "three")) {
            http.send(topic, new JsonObject().put("body", key).put("key", key).put("tag", key));
        }
        for (int gone = 0; gone < 3; ) {
            JsonArray received = receive(http, group, topic, 3);
            answer(http, group, "nack", received, new JsonObject().put("deadLetter", true));
            gone += received.size();
        }
        browser().open("/#/dead-letters");
        browser().click(group);
        browser().awaitText("three");

        browser().run(choose("two"));
        browser().click("Count");
        browser().awaitText("1 would be redriven, 0 were before");
        browser().click("Redrive");
        browser().fill("Type " + group + " to confirm", group);
        browser().click("Redrive");
        browser().awaitText("Done");
        browser().awaitText("Redriven");
        JsonArray again = receive(http, group, topic, 3);
        browser().fill("Tag", "one");
        browser().click("Find");
        browser().awaitText("1 shown");
        browser().click("Count");
        browser().awaitText("1 would be redriven, 0 were before");

        assertThat(again.stream().map(each -> ((JsonObject) each).getString("body")))
                .containsExactly("two");
        assertThat(browser().complaints()).isEmpty();
    }

    @Test
    void transactionsAreDecidedByHand() {
        Http http = http();
        String topic = fresh("undecided");
        String group = fresh("producers");
        make(http, topic);
        for (String key : List.of("stays", "goes")) {
            ok(http.answer(
                    "POST",
                    "/api/v1/topics/" + topic + "/messages:transact?producerGroup=" + group,
                    new JsonObject().put("body", key).put("key", key).encode()));
        }
        browser().open("/#/transactions?producerGroup=" + group);
        browser().awaitText("stays");

        browser().run(choose("stays"));
        browser().click("Commit");
        browser().fill("Type " + group + " to confirm", group);
        browser().click("Commit");
        browser().awaitText("1 are committed");
        browser().run(choose("goes"));
        browser().click("Roll back");
        browser().fill("Type " + group + " to confirm", group);
        browser().click("Roll back");
        browser().awaitText("1 are rolled back");
        browser().awaitText("No transaction is undecided");

        Await.until("it is committed", SOON, () -> messages(http, topic).size() == 1);
        assertThat(messages(http, topic).getJsonObject(0).getString("body")).isEqualTo("stays");
        assertThat(browser().complaints()).isEmpty();
    }
}
