package io.vostok.broker.filter;

/** Ends the compiling of an expression that is none; never leaves this package. Carries no stack trace. */
final class MalformedExpression extends Exception {
    private final int position;

    /** @param position of the offending character, counted from 0 */
    MalformedExpression(int position, String reason) {
        super(reason, null, false, false);
        this.position = position;
    }

    int position() {
        return position;
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
