package io.vostok.it.kit;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** One blocking connection that speaks the remoting protocol by hand, written from the protocol and not from our code. */
public final class Wire implements AutoCloseable {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .build();

    /** A response: {@code ext} holds the header fields, {@code body} is empty when there was none. */
    public record Answer(int code, int opaque, int flag, String remark, Map<String, String> ext, byte[] body) {}

    private final Socket socket;
    private int opaque;

    public Wire(int port) {
        this.socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 2_000);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(30_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a request and returns its answer. {@code ext} alternates name and value. */
    public Answer ask(int code, String... ext) {
        return ask(code, new byte[0], ext);
    }

    public Answer ask(int code, byte[] body, String... ext) {
        try {
            int id = ++opaque;
            write(frame(code, id, 0, body, ext));
            Answer answer = read();
            if (answer.opaque() != id) throw new AssertionError("asked " + id + ", answered " + answer);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** Reads one frame; throws IOException when the connection ends first. */
    public Answer read() throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return parse(frame);
    }

    /** Whether the server ends this connection within {@code millis} without saying anything. */
    public boolean endsWithin(int millis) {
        try {
            socket.setSoTimeout(millis);
            return socket.getInputStream().read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true; // reset is an end too
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A whole frame with a JSON header. */
    public static byte[] frame(int code, int opaque, int flag, byte[] body, String... ext) {
        ObjectNode header = JSON.createObjectNode();
        header.put("code", code)
                .put("language", "JAVA")
                .put("version", 513)
                .put("opaque", opaque)
                .put("flag", flag)
                .put("serializeTypeCurrentRPC", "JSON");
        ObjectNode fields = header.putObject("extFields");
        for (int i = 0; i < ext.length; i += 2) {
            fields.put(ext[i], ext[i + 1]);
        }
        byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length + body.length)
                .putInt(4 + text.length + body.length)
                .putInt(text.length)
                .put(text)
                .put(body)
                .array();
    }

    /** Parses what follows the length field; the header must be JSON. */
    public static Answer parse(byte[] frame) {
        int headerLength = ByteBuffer.wrap(frame).getInt();
        if (headerLength >>> 24 != 0) throw new AssertionError("answered in another encoding than asked");
        JsonNode header = json(Arrays.copyOfRange(frame, 4, 4 + headerLength));
        Map<String, String> ext = new LinkedHashMap<>();
        header.path("extFields")
                .fields()
                .forEachRemaining(
                        field -> ext.put(field.getKey(), field.getValue().asText()));
        return new Answer(
                header.path("code").asInt(),
                header.path("opaque").asInt(),
                header.path("flag").asInt(),
                header.path("remark").asText(""),
                ext,
                Arrays.copyOfRange(frame, 4 + headerLength, frame.length));
    }

    /** Reads JSON as RocketMQ writes it, which may have unquoted keys. */
    public static JsonNode json(byte[] text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + new String(text, StandardCharsets.UTF_8), e);
        }
    }

    /** Whether something that speaks the protocol listens there. */
    static boolean answers(int port) {
        try (Wire wire = new Wire(port)) {
            wire.ask(106);
            return true;
        } catch (UncheckedIOException e) {
            return false; // not yet
        }
    }

    /** Whether the name server there knows the broker, and the broker answers. */
    public static boolean clusterKnows(int nameServerPort, String brokerName, int brokerPort) {
        try (Wire wire = new Wire(nameServerPort)) {
            Answer answer = wire.ask(106);
            return answer.code() == 0
                    && json(answer.body()).path("brokerAddrTable").has(brokerName)
                    && json(answer.body())
                            .path("brokerAddrTable")
                            .path(brokerName)
                            .path("brokerAddrs")
                            .path("0")
                            .asText()
                            .endsWith(":" + brokerPort)
                    && answers(brokerPort);
        } catch (UncheckedIOException e) {
            return false; // not yet
        }
    }
}
