package io.vostok.front.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vostok.time.SystemClock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContractTest {
    private final Vertx vertx = Vertx.vertx();
    private final Contract contract = Contract.parse(document());

    private static Buffer document() {
        return Objects.requireNonNull(Files.resource(Resources.DOCUMENT));
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void documentAndRoutesNameTheSameOperations() {
        Api api = new Api(
                vertx,
                HttpVerticleTest.settings(0),
                new Api.Parts(
                        new ScriptedBroker().faceWith(new ScriptedAdmin()),
                        new SystemClock(),
                        () -> null,
                        new Resources(),
                        new AtomicLong()));
        Map<String, String> routes = new HashMap<>();
        for (Operation operation : api.operations()) {
            routes.put(operation.id(), operation.method() + " " + operation.path());
        }
        assertThat(contract.signatures()).isEqualTo(routes);
    }

    @Test
    void everyOperationSaysWhatItDoesAndHowItFails() {
        JsonObject paths = document().toJsonObject().getJsonObject("paths");
        for (String path : paths.fieldNames()) {
            for (String method : paths.getJsonObject(path).fieldNames()) {
                JsonObject operation = paths.getJsonObject(path).getJsonObject(method);
                assertThat(operation.getString("summary")).as(path).isNotBlank();
                assertThat(operation.getJsonArray("tags")).as(path).hasSize(1);
                assertThat(operation.getJsonObject("responses").size()).as(path).isPositive();
                if (path.startsWith("/api/v1/") && !path.equals("/api/v1/openapi.json")) {
                    assertThat(operation.getJsonObject("responses").fieldNames())
                            .as(path)
                            .contains("default");
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "limit=0         | query parameter `limit` must be 1 to 500, was 0",
                "limit=ten       | query parameter `limit` must be a whole number, was `ten`",
                "limt=3          | the query parameter `limt` is not known here",
                "body=xml        | query parameter `body` must be one of [auto, base64, none], was `xml`",
                "key=            | query parameter `key` must be 1 to 1024 characters, was 0",
                "properties[a]=b | the query parameter `properties[a]` is not known here",
            })
    void refusesAQueryThatTheDocumentDoesNotKnow(String query, String words) {
        assertThatThrownBy(() -> contract.checkParameters(
                        "listMessages", Map.of("topic", "orders"), query(query), MultiMap.caseInsensitiveMultiMap()))
                .isInstanceOf(Problem.Found.class)
                .hasMessageContaining(words);
    }

    @Test
    void refusesAParameterThatIsGivenTwice() {
        MultiMap twice = query("limit=1").add("limit", "2");

        assertThatThrownBy(() -> contract.checkParameters(
                        "listMessages", Map.of("topic", "orders"), twice, MultiMap.caseInsensitiveMultiMap()))
                .hasMessage("the query parameter `limit` is given twice");
    }

    @Test
    void takesPropertiesWithKeysOfTheUsersOwn() {
        contract.checkParameters(
                SendApi.OPERATION,
                Map.of("topic", "orders"),
                query("properties[Région]=eu"),
                MultiMap.caseInsensitiveMultiMap());
    }

    @Test
    void namesThePlaceThatIsWrongInABody() {
        JsonArray messages = new JsonArray()
                .add(new JsonObject().put("body", "x"))
                .add(new JsonObject().put("body", "y").put("queue", "one"));

        assertThatThrownBy(() -> contract.checkBody(SendApi.OPERATION, "application/json", messages))
                .hasMessage("`queue` of element 1 of the body must be a whole number, was `one`");
    }

    @Test
    void refusesASchemaWordThatWouldNotBeChecked() {
        JsonObject schema = new JsonObject().put("type", "string").put("not", new JsonObject());

        assertThatThrownBy(() -> Shape.of(new JsonObject(), schema)).hasMessage("schemas here have no `not`");
    }

    private static MultiMap query(String parameter) {
        int equals = parameter.indexOf('=');
        return MultiMap.caseInsensitiveMultiMap()
                .add(
                        parameter.substring(0, equals),
                        parameter.substring(equals + 1).trim());
    }
}
