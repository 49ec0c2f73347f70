package io.vostok.it.kit;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vostok.kit.Await;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A headless Chromium, driven by the WebDriver protocol of its chromedriver. Things are found by what a reader sees. */
public final class Browser implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");
    private static final String REFERENCE = "element-6066-11e4-a52e-4f735466cecf";
    private static final List<String> ARGUMENTS = List.of(
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-extensions",
            "--disable-background-networking",
            "--renderer-process-limit=1",
            "--js-flags=--max-old-space-size=256",
            "--lang=en");

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Child driver;
    private final String session;
    private final String origin;

    private Browser(Path program, int port) {
        this.driver = Child.command("chromedriver", Folders.make("browser"), List.of(program.toString(), "--port=0"));
        this.origin = "http://localhost:" + port;
        driver.awaitReady(PATIENCE, () -> driverPort().isPresent());
        String root = "http://127.0.0.1:" + driverPort().orElseThrow() + "/session";
        JsonObject options = new JsonObject().put("args", new JsonArray(ARGUMENTS));
        JsonObject wanted = new JsonObject()
                .put("browserName", "chrome")
                .put("goog:loggingPrefs", new JsonObject().put("browser", "ALL"))
                .put("goog:chromeOptions", options);
        JsonObject capabilities = new JsonObject().put("capabilities", new JsonObject().put("alwaysMatch", wanted));
        JsonObject made = (JsonObject) Objects.requireNonNull(call(root, "POST", capabilities));
        this.session = root + "/" + made.getString("sessionId");
    }

    /** Opens one that looks at the HTTP port of a server; empty when this machine has no chromedriver. */
    public static Optional<Browser> at(int port) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "chromedriver"))
                .filter(Files::isExecutable)
                .findFirst()
                .map(program -> new Browser(program, port));
    }

    private Optional<String> driverPort() {
        return driver.lines().stream()
                .map(STARTED::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .findFirst();
    }

    /** Sets the size of the page in pixels; less than 700 wide is a telephone. */
    public void size(int width, int height) {
        JsonObject metrics = new JsonObject()
                .put("width", width)
                .put("height", height)
                .put("deviceScaleFactor", 1)
                .put("mobile", width < 700);
        call(
                session + "/goog/cdp/execute",
                "POST",
                new JsonObject()
                        .put("cmd", "Emulation.setDeviceMetricsOverride")
                        .put("params", metrics));
    }

    /** Loads an address of the server as if it were typed in: all state of the page before is gone. */
    public void open(String address) {
        call(session + "/url", "POST", new JsonObject().put("url", "about:blank"));
        call(session + "/url", "POST", new JsonObject().put("url", origin + address));
    }

    /** Runs the body of a function in the page; {@code arguments[0]} and so on are what is given. */
    public @Nullable Object run(String script, Object... given) {
        return call(
                session + "/execute/sync",
                "POST",
                new JsonObject().put("script", script).put("args", new JsonArray(List.of(given))));
    }

    /** The text that the page shows. */
    public String text() {
        return String.valueOf(run("return document.body.innerText"));
    }

    public void awaitText(String wanted) {
        awaitThat("the page shows `" + wanted + "`", () -> text().contains(wanted));
    }

    public void awaitNoText(String gone) {
        awaitThat("the page does not show `" + gone + "`", () -> !text().contains(gone));
    }

    /** Waits until the page has loaded its data and has a title. */
    public void awaitLoaded() {
        awaitThat(
                "the page is loaded",
                () -> Boolean.TRUE.equals(run("return document.readyState === 'complete'"
                        + " && Boolean(document.querySelector('h1')) && !document.querySelector('.loading')")));
    }

    public void awaitThat(String what, BooleanSupplier condition) {
        try {
            Await.until(what, SOON, condition);
        } catch (AssertionError late) {
            throw new AssertionError(
                    late.getMessage() + "; it shows:\n" + text() + "\nand tells: " + complaints(), late);
        }
    }

    /** Clicks the button or link whose text or accessible name is {@code words}, when there is one that can be clicked. */
    public void click(String words) {
        String found = awaitElement(
                "button or link `" + words + "`",
                "const named = (e) => (e.getAttribute('aria-label') || e.innerText || '').trim() === arguments[0];"
                        + "const inside = document.querySelector('dialog[open]') || document;"
                        + "return [...inside.querySelectorAll('button, a')].find((e) => named(e) && !e.disabled"
                        + " && e.checkVisibility())",
                words);
        call(session + "/element/" + found + "/click", "POST", new JsonObject());
    }

    /** Whether the button with these words can be pressed. */
    public boolean isEnabled(String words) {
        return Boolean.TRUE.equals(run(
                "const inside = document.querySelector('dialog[open]') || document;"
                        + "return [...inside.querySelectorAll('button')].some((e) => e.innerText.trim() === arguments[0] && !e.disabled)",
                words));
    }

    /** Fills the input, text area or list with this label; times are written as in a field of type datetime-local. */
    public void fill(String label, String value) {
        String found = awaitElement(
                "field `" + label + "`",
                "const inside = document.querySelector('dialog[open]') || document;"
                        + "const own = [...inside.querySelectorAll('label')].find((e) => e.innerText.trim() === arguments[0]);"
                        + "return own && own.control",
                label);
        JsonObject reference = new JsonObject().put(REFERENCE, found);
        Object kind = run("return arguments[0].type", reference);
        if ("select-one".equals(kind) || "datetime-local".equals(kind)) {
            run(
                    "arguments[0].value = arguments[1];"
                            + "for (const kind of ['input', 'change']) arguments[0].dispatchEvent(new Event(kind, {bubbles: true}))",
                    reference,
                    value);
            return;
        }
        call(session + "/element/" + found + "/clear", "POST", new JsonObject());
        call(session + "/element/" + found + "/value", "POST", new JsonObject().put("text", value));
    }

    /** Sets or clears the check box with this label or accessible name. */
    public void tick(String label) {
        String found = awaitElement(
                "check box `" + label + "`",
                "return [...document.querySelectorAll('input[type=checkbox]')].find((e) =>"
                        + " (e.getAttribute('aria-label') || e.labels[0]?.innerText || '').trim() === arguments[0])",
                label);
        call(session + "/element/" + found + "/click", "POST", new JsonObject());
    }

    /** Presses keys wherever the focus is. */
    public void press(String keys) {
        JsonArray actions = new JsonArray();
        keys.chars()
                .mapToObj(Character::toString)
                .forEach(key -> actions.add(
                                new JsonObject().put("type", "keyDown").put("value", key))
                        .add(new JsonObject().put("type", "keyUp").put("value", key)));
        JsonObject keyboard =
                new JsonObject().put("type", "key").put("id", "keyboard").put("actions", actions);
        call(session + "/actions", "POST", new JsonObject().put("actions", new JsonArray().add(keyboard)));
    }

    private String awaitElement(String what, String script, String words) {
        String[] found = new String[1];
        awaitThat(what + " is there", () -> {
            if (run(script, words) instanceof JsonObject element) found[0] = element.getString(REFERENCE);
            return found[0] != null;
        });
        return found[0];
    }

    /** What the page wrote to the console as an error since this was asked last, failed requests included. */
    public List<String> complaints() {
        Object log = call(session + "/se/log", "POST", new JsonObject().put("type", "browser"));
        return ((JsonArray) Objects.requireNonNull(log))
                .stream()
                        .map(JsonObject.class::cast)
                        .filter(entry -> "SEVERE".equals(entry.getString("level")))
                        .map(entry -> entry.getString("message"))
                        .toList();
    }

    private @Nullable Object call(String address, String method, @Nullable JsonObject body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address))
                .timeout(PATIENCE)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.encode()))
                .build();
        try {
            HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
            JsonObject told = new JsonObject(answer.body());
            if (answer.statusCode() != 200) {
                throw new AssertionError(
                        address + ": " + told.getJsonObject("value").getString("message"));
            }
            return told.getValue("value");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        try {
            call(session, "DELETE", null);
        } finally {
            driver.kill();
        }
    }
}
