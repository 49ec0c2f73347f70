package io.vostok.broker.filter;

/** Kinds of words an expression is made of; the text is how a message to the user names it. */
enum Token {
    END("the end"),
    NOT("NOT"),
    AND("AND"),
    OR("OR"),
    BETWEEN("BETWEEN"),
    IN("IN"),
    TRUE("TRUE"),
    FALSE("FALSE"),
    NULL("NULL"),
    IS("IS"),
    CONTAINS("CONTAINS"),
    STARTSWITH("STARTSWITH"),
    ENDSWITH("ENDSWITH"),
    WHOLE_NUMBER("a whole number"),
    FLOATING_NUMBER("a number"),
    TEXT("a text in single quotes"),
    NAME("a property"),
    EQUAL("="),
    NOT_EQUAL("<>"),
    GREATER(">"),
    GREATER_OR_EQUAL(">="),
    LESS("<"),
    LESS_OR_EQUAL("<="),
    OPEN("("),
    CLOSE(")"),
    COMMA(","),
    PLUS("+"),
    MINUS("-");

    private final String shown;

    Token(String shown) {
        this.shown = shown;
    }

    String shown() {
        return shown;
    }
}
