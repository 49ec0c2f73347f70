package io.vostok.wire.body;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The answer to GET_KVLIST_BY_NAMESPACE, GET_BROKER_RUNTIME_INFO and REGISTER_BROKER. */
public record KeyValueTable(Map<String, String> table) {
    public KeyValueTable {
        table = Collections.unmodifiableMap(new LinkedHashMap<>(table));
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static KeyValueTable read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static KeyValueTable read(ByteBuffer body) {
        return new KeyValueTable(Json.map(
                BodyJson.table(body, "key-value table"), "table", (key, value) -> Json.textOf(value, "table")));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("table").open('{');
        table.forEach((key, value) -> json.key(key).text(value));
        return json.close('}').close('}').toBytes();
    }
}
