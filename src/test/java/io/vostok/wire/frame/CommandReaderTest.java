package io.vostok.wire.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.wire.HexDump;
import io.vostok.wire.Language;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CommandReaderTest {
    private final CommandReader reader = new CommandReader(FrameLimits.DEFAULT);
    private final FrameBuilder builder = new FrameBuilder();

    @Test
    void readsApachesJsonRequest() {
        Command command = readFrame(HexDump.read("request-json"));

        assertThat(command.code()).isEqualTo(105);
        assertThat(command.language()).isEqualTo(Language.JAVA);
        assertThat(command.version()).isEqualTo(513);
        assertThat(command.call()).isEqualTo(new Call(105, 1, Encoding.JSON, false, 0, false));
        assertThat(command.remark()).isNull();
        assertThat(all(command)).containsExactly(Map.entry("topic", "T"));
    }

    @Test
    void readsBinaryRequest() {
        Command command = readFrame(HexDump.read("request-binary"));

        assertThat(command.call()).isEqualTo(new Call(105, 1, Encoding.BINARY, false, 0, false));
        assertThat(command.remark()).isEqualTo("ok");
        assertThat(command.version()).isEqualTo(513);
        assertThat(all(command)).containsExactly(Map.entry("topic", "T"));
    }

    @Test
    void writesTheDumpedFrames() {
        byte[] jsonRequest = builder.request(Encoding.JSON, 1, 105, false)
                .field("topic", "T")
                .toFrame(null);
        assertThat(jsonRequest).isEqualTo(HexDump.read("request-json-ours"));
        byte[] jsonResponse = builder.response(Encoding.JSON, 7, 17)
                .remark("no \"T\"")
                .field("offset", -1)
                .field("found", false)
                .toFrame(null);
        assertThat(jsonResponse).isEqualTo(HexDump.read("response-json"));
        byte[] binaryRequest = builder.request(Encoding.BINARY, 1, 105, false)
                .remark("ok")
                .field("topic", "T")
                .toFrame("hi".getBytes(StandardCharsets.UTF_8));
        assertThat(binaryRequest).isEqualTo(HexDump.read("request-binary"));
        byte[] binaryResponse =
                builder.response(Encoding.BINARY, 7, 0).field("offset", 42).toFrame(null);
        assertThat(binaryResponse).isEqualTo(HexDump.read("response-binary"));
    }

    @Test
    void unescapesPropertiesIntoBytes() {
        Fields fields = readFrame(HexDump.read("send-v2-json")).fields();
        byte[] expected = HexDump.read("properties");
        byte[] target = new byte[fields.utf8Bound("i")];

        assertThat(fields.copyUtf8("i", target, 0)).isEqualTo(expected.length);
        assertThat(target).startsWith(expected);
    }

    @Test
    void toleratesAHeaderWithoutFields() {
        Command command = readFrame(HexDump.read("heartbeat-no-fields-json"));

        assertThat(command.fields().count()).isZero();
        assertThat(json("{\"code\":1,\"extFields\":null}").fields().text("a")).isNull();
    }

    @ParameterizedTest
    @EnumSource(Encoding.class)
    void writesAndReadsBackEveryCharacterAndNumber(Encoding encoding) {
        String text = "\"\\/\b\n\u0001\u007f\u00e9\u20ac\ud83d\ude00";
        byte[] frame = builder.request(encoding, -5, 34, true)
                .remark(text)
                .field("text", text)
                .field("empty", "")
                .field("absent", null)
                .field("low", Long.MIN_VALUE)
                .field("high", Long.MAX_VALUE)
                .field("yes", true)
                .toFrame(new byte[3]);
        Command command = readFrame(frame);

        assertThat(command.call()).isEqualTo(new Call(34, -5, encoding, true, 0, false));
        assertThat(command.remark()).isEqualTo(text);
        assertThat(command.fields().text("text")).isEqualTo(text);
        assertThat(command.fields().text("empty")).isEmpty();
        assertThat(command.fields().text("absent")).isNull();
        assertThat(command.fields().requireLong("low")).isEqualTo(Long.MIN_VALUE);
        assertThat(command.fields().requireLong("high")).isEqualTo(Long.MAX_VALUE);
        assertThat(command.fields().flagOr("yes", false)).isTrue();
    }

    @Test
    void lastOfTwoFieldsCounts() {
        Fields fields = json("{\"code\":1,\"extFields\":{\"a\":\"1\",\"\\u0061\":\"2\",\"b\":\"3\",\"b\":null}}")
                .fields();

        assertThat(fields.text("a")).isEqualTo("2");
        assertThat(fields.text("b")).isNull();
        assertThat(fields.count()).isEqualTo(1);
    }

    @Test
    void ignoresUnknownKeysOfAnyShape() {
        Command command = json(
                "{\"x\":[1,{\"code\":9}],\"code\":\"3\",\"y\":null,\"extFields\":{\"n\":5,\"t\":true,\"o\":{\"a\":1}}} ");

        assertThat(command.code()).isEqualTo(3);
        assertThat(command.fields().requireInt("n")).isEqualTo(5);
        assertThat(command.fields().flagOr("t", false)).isTrue();
        assertThat(command.fields().text("o")).isEqualTo("{\"a\":1}");
    }

    @Test
    void keepsNothingOfTheCommandBefore() {
        json("{\"code\":1,\"flag\":2,\"opaque\":9,\"version\":3,\"remark\":\"r\",\"extFields\":{\"a\":\"1\"}}");
        Command command = json("{\"code\":2}");

        assertThat(command.call()).isEqualTo(new Call(2, 0, Encoding.JSON, false, 0, false));
        assertThat(command.version()).isZero();
        assertThat(command.remark()).isNull();
        assertThat(command.fields().count()).isZero();
        assertThat(command.language()).isEqualTo(Language.OTHER);
    }

    @Test
    void joinsSurrogatesAndReplacesHalves() {
        Fields fields = json("{\"code\":1,\"extFields\":{\"a\":\"\\ud83d\\ude00\",\"b\":\"\\ud83dx\"}}")
                .fields();

        assertThat(fields.text("a")).isEqualTo("\ud83d\ude00");
        assertThat(fields.text("b")).isEqualTo("?x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{}",
                "[]",
                "{\"code\":1",
                "{\"code\":1}x",
                "{\"code\":1,}",
                "{\"code\":1.5}",
                "{\"code\":2147483648}",
                "{\"code\":}",
                "{\"code\":1,\"extFields\":[]}",
                "{\"code\":1,\"a\":\"\\x\"}",
                "{\"code\":1,\"a\":\"\\u12\"}",
                "{\"code\":1,\"a\":\"",
                "{\"code\":1,\"a\":\"\\",
                "{code:1}",
                "{\"code\":1,\"a\":[}",
                "{\"code\":1,\"a\":nul}"
            })
    void refusesBrokenJson(String header) {
        assertThatThrownBy(() -> json(header)).isInstanceOf(ProtocolException.class);
    }

    @Test
    void refusesDeepNestingAndTooManyFields() {
        assertThatThrownBy(() -> json("{\"code\":1,\"a\":" + "[".repeat(40) + "]".repeat(40) + "}"))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("deeper than 32");
        String fields = "\"a\":\"1\",".repeat(512) + "\"a\":\"1\"";
        assertThatThrownBy(() -> json("{\"code\":1,\"extFields\":{" + fields + "}}"))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("more than 512");
    }

    @Test
    void namesFieldValueAndExpectation() {
        Fields fields =
                json("{\"code\":1,\"extFields\":{\"q\":\"1\\n\",\"big\":\"9223372036854775808\",\"i\":\"2147483648\"}}")
                        .fields();

        assertThatThrownBy(() -> fields.requireInt("q"))
                .isInstanceOf(BadFieldException.class)
                .hasMessage("header field 'q' is '1?', expected is a whole number from -2147483648 to 2147483647");
        assertThatThrownBy(() -> fields.requireInt("gone")).hasMessageContaining("'gone' is missing");
        assertThatThrownBy(() -> fields.longOr("big", 0)).isInstanceOf(BadFieldException.class);
        assertThatThrownBy(() -> fields.intOr("i", 0)).isInstanceOf(BadFieldException.class);
    }

    @Test
    void checksLengthsBeforeAnythingIsBuffered() {
        FrameLimits limits = FrameLimits.DEFAULT;
        limits.checkTotalLength(16_777_212);

        assertThatThrownBy(() -> limits.checkTotalLength(16_777_213)).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> limits.checkTotalLength(-1)).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> limits.checkHeaderLength(10, 7)).isInstanceOf(ProtocolException.class);
        assertThat(limits.checkHeaderLength(10, 0x01000006)).isEqualTo(6);
    }

    private Command json(String header) {
        return reader.read(0, ByteBuffer.wrap(header.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void readsFieldsAlikeWithAndWithoutSpaceAndEscapes() {
        String[] pieces = {
            "a", "b", "key", "\"", "\\", "x:", "x,", "{", "}", "\u0001", "\u00e9", "\u4e2d", "\":\"", "0", " "
        };
        Random random = new Random(11);
        for (int round = 0; round < 3_000; round++) {
            Map<String, String> fields = new LinkedHashMap<>();
            for (int i = random.nextInt(6); i > 0; i--) fields.put(text(pieces, random), text(pieces, random));
            FrameBuilder frame = builder.request(Encoding.JSON, 1, 105, false);
            fields.forEach(frame::field);
            byte[] plain = frame.toFrame(null);
            String header = new String(plain, 8, plain.length - 8, StandardCharsets.UTF_8);
            byte[] spaced = header.replace("\":\"", "\" : \"")
                    .replace("\",\"", "\" , \"")
                    .getBytes(StandardCharsets.UTF_8);

            assertThat(all(readFrame(plain))).as(header).isEqualTo(fields);
            assertThat(all(reader.read(0, ByteBuffer.wrap(spaced)))).as(header).isEqualTo(fields);
        }
    }

    private static String text(String[] pieces, Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(4); i >= 0; i--) text.append(pieces[random.nextInt(pieces.length)]);
        return text.toString();
    }

    private Command readFrame(byte[] bytes) {
        ByteBuffer frame = ByteBuffer.wrap(bytes);
        int total = frame.getInt();
        assertThat(total).isEqualTo(frame.remaining());
        int mark = frame.getInt();
        frame.limit(8 + FrameLimits.DEFAULT.checkHeaderLength(total, mark));
        return reader.read(mark >>> 24, frame);
    }

    private static Map<String, String> all(Command command) {
        Map<String, String> all = new LinkedHashMap<>();
        command.fields().forEach(all::put);
        return all;
    }
}
