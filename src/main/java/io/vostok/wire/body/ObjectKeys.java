package io.vostok.wire.body;

/**
 * Turns keys that are objects, as Apache writes maps keyed by MessageQueue, into keys that are texts holding the object:
 * {@code {{"a":1}:2}} becomes {@code {"{\"a\":1}":2}}. Everything else passes unchanged, broken JSON too.
 */
final class ObjectKeys {
    private static final int LARGEST_KEY = 4096;

    private ObjectKeys() {}

    static String quote(String json, String what) {
        if (!mayHoldObjectKeys(json)) return json;
        StringBuilder out = new StringBuilder(json.length() + json.length() / 4);
        boolean[] inObject = new boolean[BodyJson.DEEPEST + 1];
        int depth = 0;
        boolean keyNext = false;
        int i = 0;
        while (i < json.length()) {
            char c = json.charAt(i);
            if (c == '"') {
                int end = stringEnd(json, i);
                out.append(json, i, end);
                i = end;
                keyNext = false;
                continue;
            }
            if (c == '{' && keyNext) {
                int end = objectEnd(json, i, what);
                quoteInto(json, i, end, out);
                i = end;
                keyNext = false;
                continue;
            }
            if (c == '{' || c == '[') {
                if (depth == BodyJson.DEEPEST)
                    throw new BadBodyException(what + " is nested deeper than " + BodyJson.DEEPEST);
                inObject[++depth] = c == '{';
                keyNext = c == '{';
            } else if (c == '}' || c == ']') {
                if (depth > 0) depth--;
                keyNext = false;
            } else if (c == ',') {
                keyNext = inObject[depth];
            } else if (!Character.isWhitespace(c)) {
                keyNext = false;
            }
            out.append(c);
            i++;
        }
        return out.toString();
    }

    /** A key that is an object is followed by {@code }} and a colon, which nothing else is outside of texts. */
    private static boolean mayHoldObjectKeys(String json) {
        for (int at = json.indexOf('}'); at >= 0; at = json.indexOf('}', at + 1)) {
            int next = at + 1;
            while (next < json.length() && Character.isWhitespace(json.charAt(next))) next++;
            if (next < json.length() && json.charAt(next) == ':') return true;
        }
        return false;
    }

    private static int stringEnd(String json, int quoteAt) {
        for (int i = quoteAt + 1; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c == '\\') i++;
            else if (c == '"') return i + 1;
        }
        return json.length();
    }

    private static int objectEnd(String json, int from, String what) {
        int depth = 0;
        int i = from;
        while (i < json.length() && i - from <= LARGEST_KEY) {
            char c = json.charAt(i);
            if (c == '"') {
                i = stringEnd(json, i);
                continue;
            }
            if (c == '{') depth++;
            if (c == '}' && --depth == 0) return i + 1;
            i++;
        }
        throw new BadBodyException(
                what + " has a key that is an object without end or of more than " + LARGEST_KEY + " characters");
    }

    private static void quoteInto(String json, int from, int end, StringBuilder out) {
        out.append('"');
        for (int i = from; i < end; i++) {
            char c = json.charAt(i);
            if (c == '"' || c == '\\') out.append('\\');
            out.append(c);
        }
        out.append('"');
    }
}
