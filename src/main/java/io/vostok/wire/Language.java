package io.vostok.wire;

import java.util.List;

/** Languages of clients: numbers in the binary header, names in the JSON header (remoting reference 1.5). */
public final class Language {
    public static final byte JAVA = 0;
    public static final byte CPP = 1;
    public static final byte DOTNET = 2;
    public static final byte PYTHON = 3;
    public static final byte DELPHI = 4;
    public static final byte ERLANG = 5;
    public static final byte RUBY = 6;
    /** Also what an unknown name or number is read as. */
    public static final byte OTHER = 7;

    public static final byte HTTP = 8;
    public static final byte GO = 9;
    public static final byte PHP = 10;
    public static final byte OMS = 11;
    public static final byte RUST = 12;
    public static final byte NODE_JS = 13;

    private static final List<String> NAMES = List.of(
            "JAVA", "CPP", "DOTNET", "PYTHON", "DELPHI", "ERLANG", "RUBY", "OTHER", "HTTP", "GO", "PHP", "OMS", "RUST",
            "NODE_JS");

    private Language() {}

    /** Returns the name of {@code code}; {@code OTHER} for an unknown one. */
    public static String nameOf(int code) {
        return code >= 0 && code < NAMES.size() ? NAMES.get(code) : NAMES.get(OTHER);
    }

    /** Returns {@code code} if it is a known language, else {@link #OTHER}. */
    public static byte known(int code) {
        return code >= 0 && code < NAMES.size() ? (byte) code : OTHER;
    }

    /** Returns the number of {@code name}; {@link #OTHER} for an unknown one. */
    public static byte codeOf(String name) {
        int at = NAMES.indexOf(name);
        return at < 0 ? OTHER : (byte) at;
    }
}
