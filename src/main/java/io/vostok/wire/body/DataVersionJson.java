package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import io.vostok.model.DataVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A {@link DataVersion} as JSON: the body of QUERY_DATA_VERSION and a part of every table. */
public final class DataVersionJson {
    private DataVersionJson() {}

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static DataVersion read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static DataVersion read(ByteBuffer body) {
        return of(BodyJson.object(body, "data version"));
    }

    /** Returns the version as JSON in UTF-8. */
    public static byte[] write(DataVersion version) {
        return text(version).getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the version as JSON, as header fields carry it. */
    public static String text(DataVersion version) {
        return "{\"counter\":" + version.counter() + ",\"stateVersion\":" + version.stateVersion() + ",\"timestamp\":"
                + version.timestampMillis() + "}";
    }

    /** Missing numbers are 0: older peers have no state version. */
    static DataVersion of(JsonNode json) {
        return new DataVersion(
                Json.longOr(json, "stateVersion", 0),
                Json.longOr(json, "timestamp", 0),
                Json.longOr(json, "counter", 0));
    }
}
