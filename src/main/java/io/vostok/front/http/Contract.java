package io.vostok.front.http;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The OpenAPI document as what requests are held against: every parameter and every JSON body is checked before its
 * operation runs, and what the document does not know is refused instead of ignored. Immutable; any thread.
 *
 * <p>Decision 0012 tells why this is not vertx-openapi.
 */
final class Contract {
    private final Buffer text;
    private final Map<String, Checked> operations;

    private Contract(Buffer text, Map<String, Checked> operations) {
        this.text = text;
        this.operations = operations;
    }

    /** Reads the document; whatever in it is not understood is a bug in it. */
    static Contract parse(Buffer text) {
        JsonObject document = text.toJsonObject();
        Map<String, Checked> operations = new HashMap<>();
        JsonObject paths = document.getJsonObject("paths");
        for (String path : paths.fieldNames()) {
            JsonObject item = paths.getJsonObject(path);
            for (String method : item.fieldNames()) {
                Checked operation = Checked.of(document, method, path, item.getJsonObject(method));
                if (operations.put(operation.id(), operation) != null) {
                    throw new IllegalStateException("two operations are named " + operation.id());
                }
            }
        }
        return new Contract(text, Map.copyOf(operations));
    }

    /** Returns the document itself. */
    Buffer text() {
        return text;
    }

    /** Returns the operations as {@code id -> METHOD path}. */
    Map<String, String> signatures() {
        Map<String, String> signatures = new HashMap<>();
        operations.forEach((id, operation) -> signatures.put(id, operation.signature()));
        return signatures;
    }

    /** Checks the parameters of a request. @throws Problem.Found when one is missing, wrong or unknown */
    void checkParameters(String operation, Map<String, String> path, MultiMap query, MultiMap headers) {
        @Nullable Checked checked = operations.get(operation);
        if (checked == null) throw new IllegalStateException("not in the document: " + operation);
        checked.check(path, query, headers);
    }

    /** Checks a JSON body. @throws Problem.Found naming the place that is wrong */
    void checkBody(String operation, String mediaType, @Nullable Object body) {
        @Nullable Checked checked = operations.get(operation);
        @Nullable Shape shape = checked == null ? null : checked.bodies().get(mediaType);
        if (shape == null) throw new IllegalStateException("no " + mediaType + " in the document for " + operation);
        @Nullable String wrong = shape.wrong(body, "the body");
        if (wrong != null) throw new Problem.Found(Problem.badRequest(wrong));
    }

    /** @param deep whether it is written {@code name[key]=value} */
    private record Parameter(String name, String in, boolean required, boolean deep, Shape shape) {}

    private record Checked(
            String id,
            String signature,
            Map<String, Parameter> query,
            Map<String, Parameter> others,
            Map<String, Shape> bodies) {

        static Checked of(JsonObject document, String method, String path, JsonObject operation) {
            Map<String, Parameter> query = new LinkedHashMap<>();
            Map<String, Parameter> others = new LinkedHashMap<>();
            JsonArray parameters = operation.getJsonArray("parameters", new JsonArray());
            for (int i = 0; i < parameters.size(); i++) {
                JsonObject given = Shape.resolve(document, parameters.getJsonObject(i));
                Parameter parameter = new Parameter(
                        given.getString("name"),
                        given.getString("in"),
                        given.getBoolean("required", false),
                        "deepObject".equals(given.getString("style")),
                        Shape.of(document, given.getJsonObject("schema")));
                (parameter.in().equals("query") ? query : others).put(parameter.name(), parameter);
            }
            Map<String, Shape> bodies = new HashMap<>();
            JsonObject content =
                    operation.getJsonObject("requestBody", new JsonObject()).getJsonObject("content", new JsonObject());
            for (String mediaType : content.fieldNames()) {
                bodies.put(
                        mediaType,
                        Shape.of(document, content.getJsonObject(mediaType).getJsonObject("schema")));
            }
            return new Checked(
                    operation.getString("operationId"),
                    method.toUpperCase(java.util.Locale.ROOT) + " " + path,
                    query,
                    others,
                    bodies);
        }

        void check(Map<String, String> path, MultiMap given, MultiMap headers) {
            Set<String> names = given.names();
            for (String name : names) {
                int bracket = name.indexOf('[');
                boolean deep = bracket > 0 && name.endsWith("]");
                @Nullable Parameter known = query.get(deep ? name.substring(0, bracket) : name);
                if (known == null || known.deep() != deep) {
                    throw wrong("the query parameter `" + Shape.shown(name) + "` is not known here; known are "
                            + String.join(", ", query.keySet()));
                }
                if (given.getAll(name).size() > 1) {
                    throw wrong("the query parameter `" + Shape.shown(name) + "` is given twice");
                }
                if (!deep) check(known, given.get(name));
            }
            for (Parameter parameter : query.values()) {
                if (parameter.required() && !given.contains(parameter.name())) throw missing(parameter);
            }
            for (Parameter parameter : others.values()) {
                boolean inPath = parameter.in().equals("path");
                @Nullable String value = inPath ? path.get(parameter.name()) : headers.get(parameter.name());
                if (value != null) {
                    check(parameter, value);
                } else if (parameter.required()) {
                    throw missing(parameter);
                }
            }
        }

        private static void check(Parameter parameter, String value) {
            @Nullable
            String wrong = parameter.shape().wrongText(value, parameter.in() + " parameter `" + parameter.name() + "`");
            if (wrong != null) throw wrong(wrong);
        }

        private static Problem.Found missing(Parameter parameter) {
            return wrong(parameter.in() + " parameter `" + parameter.name() + "` is missing");
        }

        private static Problem.Found wrong(String remark) {
            return new Problem.Found(Problem.badRequest(remark));
        }
    }
}
