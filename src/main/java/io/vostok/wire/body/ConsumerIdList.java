package io.vostok.wire.body;

import java.nio.ByteBuffer;
import java.util.List;

/** The answer to GET_CONSUMER_LIST_BY_GROUP: client ids of the members. */
public record ConsumerIdList(List<String> consumerIds) {
    public ConsumerIdList {
        consumerIds = List.copyOf(consumerIds);
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static ConsumerIdList read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static ConsumerIdList read(ByteBuffer body) {
        return new ConsumerIdList(Json.texts(BodyJson.object(body, "consumer id list"), "consumerIdList"));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        return new JsonText()
                .open('{')
                .key("consumerIdList")
                .texts(consumerIds)
                .close('}')
                .toBytes();
    }
}
