package io.vostok.broker.filter;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a tree of an expression, by the grammar and the checks of storage reference 11.7. Used once.
 *
 * <p>NOT binds tighter than comparisons. What follows a complete expression is left alone, only its first token is read.
 */
final class Parser {
    private final String text;
    private final Lexer lexer;
    private final Map<String, Node.Property> properties = new LinkedHashMap<>();
    private Token token = Token.END;
    private int from;
    private int nesting;
    private int nodes;

    Parser(String text) {
        this.text = text;
        this.lexer = new Lexer(text);
    }

    /**
     * Returns the condition that the text starts with.
     *
     * @throws MalformedExpression when it starts with none
     */
    Node parse() throws MalformedExpression {
        advance();
        if (token == Token.END) throw new MalformedExpression(0, "it is empty");
        int start = from;
        return condition(or(), start);
    }

    /** Returns where ignored text starts, or -1 when the condition was all there is. After {@link #parse}. */
    int ignoredFrom() {
        return token == Token.END ? -1 : from;
    }

    /** Returns the names of the properties; the place of each is its slot. After {@link #parse}. */
    byte[][] names() {
        return properties.keySet().stream()
                .map(name -> name.getBytes(StandardCharsets.US_ASCII))
                .toArray(byte[][]::new);
    }

    /** Returns of how many parts the expression is made. After {@link #parse}. */
    int nodes() {
        return nodes;
    }

    private Node or() throws MalformedExpression {
        int start = from;
        Node left = and();
        if (token != Token.OR) return left;
        List<Node> conditions = new ArrayList<>();
        conditions.add(condition(left, start));
        while (accept(Token.OR)) {
            int next = from;
            conditions.add(condition(and(), next));
        }
        return node(new Node.Any(List.copyOf(conditions)), start);
    }

    private Node and() throws MalformedExpression {
        int start = from;
        Node left = equality();
        if (token != Token.AND) return left;
        List<Node> conditions = new ArrayList<>();
        conditions.add(condition(left, start));
        while (accept(Token.AND)) {
            int next = from;
            conditions.add(condition(equality(), next));
        }
        return node(new Node.All(List.copyOf(conditions)), start);
    }

    private Node equality() throws MalformedExpression {
        int start = from;
        Node left = comparison();
        int before = nesting;
        while (true) {
            if (token == Token.EQUAL || token == Token.NOT_EQUAL) {
                boolean equal = token == Token.EQUAL;
                advance();
                int rightStart = from;
                Node right = comparison();
                checkEqual(left, start, right, rightStart);
                left = node(new Node.Equal(left, right), start);
                if (!equal) left = node(new Node.Not(left), start);
            } else if (accept(Token.IS)) {
                boolean not = accept(Token.NOT);
                expect(Token.NULL);
                left = node(new Node.IsNull(left), start);
                if (not) left = node(new Node.Not(left), start);
            } else {
                nesting = before;
                return left;
            }
            deeper(start); // a = b = c grows to the left
        }
    }

    private Node comparison() throws MalformedExpression {
        int start = from;
        Node left = unary();
        int before = nesting;
        while (true) {
            boolean wanted = token != Token.NOT;
            switch (token) {
                case GREATER, GREATER_OR_EQUAL, LESS, LESS_OR_EQUAL -> left = ordered(left, start);
                case NOT, CONTAINS, STARTSWITH, ENDSWITH, BETWEEN, IN -> {
                    if (!wanted) advance();
                    left = switch (token) {
                        case CONTAINS, STARTSWITH, ENDSWITH -> holds(left, start, wanted);
                        case BETWEEN -> between(left, start, wanted);
                        case IN -> in(left, start, wanted);
                        default -> throw unexpected("CONTAINS, STARTSWITH, ENDSWITH, BETWEEN or IN after NOT");
                    };
                }
                default -> {
                    nesting = before;
                    return left;
                }
            }
            deeper(start);
        }
    }

    private Node ordered(Node left, int start) throws MalformedExpression {
        Token relation = token;
        advance();
        int rightStart = from;
        Node right = unary();
        return ordered(relation, left, start, right, rightStart);
    }

    private Node ordered(Token relation, Node left, int start, Node right, int rightStart) throws MalformedExpression {
        checkOrdered(left, start);
        checkOrdered(right, rightStart);
        return node(new Node.Ordered(relation, left, right), start);
    }

    private Node holds(Node left, int start, boolean wanted) throws MalformedExpression {
        Token where = token;
        advance();
        return node(new Node.Holds(where, left, new Pattern(quoted()), wanted), start);
    }

    private Node between(Node left, int start, boolean wanted) throws MalformedExpression {
        advance();
        int lowStart = from;
        Node low = unary();
        expect(Token.AND);
        int highStart = from;
        Node high = unary();
        Token lowRelation = wanted ? Token.GREATER_OR_EQUAL : Token.LESS;
        Token highRelation = wanted ? Token.LESS_OR_EQUAL : Token.GREATER;
        Node above = ordered(lowRelation, left, start, low, lowStart);
        Node below = ordered(highRelation, left, start, high, highStart);
        if (wanted && low instanceof Node.Constant lowest && high instanceof Node.Constant highest) {
            checkRange(lowest, highest, lowStart);
        }
        List<Node> both = List.of(above, below);
        return node(wanted ? new Node.All(both) : new Node.Any(both), start);
    }

    private static void checkRange(Node.Constant low, Node.Constant high, int start) throws MalformedExpression {
        Object lowest = low.constant();
        Object highest = high.constant();
        if (lowest == null || highest == null) return; // refused by checkOrdered already
        if (Values.compare(highest, lowest, new Evaluation()) < 0) {
            throw new MalformedExpression(start, "BETWEEN " + lowest + " AND " + highest + " has its larger end first");
        }
    }

    private Node in(Node left, int start, boolean wanted) throws MalformedExpression {
        advance();
        expect(Token.OPEN);
        Set<String> texts = new LinkedHashSet<>();
        do {
            texts.add(quoted());
        } while (accept(Token.COMMA));
        expect(Token.CLOSE);
        if (!(left instanceof Node.Property property)) {
            throw new MalformedExpression(start, "IN needs a property on its left");
        }
        return node(new Node.In(property, Set.copyOf(texts), wanted), start);
    }

    private Node unary() throws MalformedExpression {
        int start = from;
        deeper(start);
        Node result;
        if (accept(Token.PLUS)) {
            result = unary();
        } else if (accept(Token.MINUS)) {
            result = node(new Node.Negate(unary()), start);
        } else if (accept(Token.NOT)) {
            int operand = from;
            result = node(new Node.Not(condition(unary(), operand)), start);
        } else {
            result = primary();
        }
        nesting--;
        return result;
    }

    private Node primary() throws MalformedExpression {
        int start = from;
        switch (token) {
            case TEXT -> {
                return node(new Node.Constant(quoted()), start);
            }
            case WHOLE_NUMBER -> {
                return node(new Node.Constant(whole()), start);
            }
            case FLOATING_NUMBER -> {
                return node(new Node.Constant(floating()), start);
            }
            case TRUE, FALSE, NULL -> {
                Boolean constant = token == Token.NULL ? null : Boolean.valueOf(token == Token.TRUE);
                advance();
                return node(new Node.Constant(constant), start);
            }
            case NAME -> {
                String name = lexer.image();
                advance();
                return node(properties.computeIfAbsent(name, any -> new Node.Property(properties.size())), start);
            }
            case OPEN -> {
                advance();
                Node inner = or();
                expect(Token.CLOSE);
                return inner;
            }
            default -> throw unexpected("a property, a number, a text in single quotes, TRUE, FALSE, NULL or `(`");
        }
    }

    private Number whole() throws MalformedExpression {
        String digits = lexer.image();
        if (digits.endsWith("l") || digits.endsWith("L")) digits = digits.substring(0, digits.length() - 1);
        long value;
        try {
            value = Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new MalformedExpression(from, "the number is larger than " + Long.MAX_VALUE);
        }
        advance();
        if (value <= Integer.MAX_VALUE) return (int) value;
        return value;
    }

    private Double floating() throws MalformedExpression {
        double value = Double.parseDouble(lexer.image());
        if (value > Double.MAX_VALUE) {
            throw new MalformedExpression(from, "the number is larger than " + Double.MAX_VALUE);
        }
        if (value < Double.MIN_VALUE) {
            throw new MalformedExpression(
                    from, "a number with a point must be larger than 0, at least " + Double.MIN_VALUE + "; write 0");
        }
        advance();
        return value;
    }

    private String quoted() throws MalformedExpression {
        if (token != Token.TEXT) throw unexpected(Token.TEXT.shown());
        String image = lexer.image();
        advance();
        return image.substring(1, image.length() - 1).replace("''", "'");
    }

    private Node condition(Node node, int start) throws MalformedExpression {
        if (node.isCondition()) return node;
        if (node instanceof Node.Property property) return node(new Node.Cast(property), start);
        throw new MalformedExpression(start, "a condition must stand here, not a number or a text");
    }

    private static void checkEqual(Node left, int leftStart, Node right, int rightStart) throws MalformedExpression {
        checkNotNull(left, leftStart);
        checkNotNull(right, rightStart);
        if (left instanceof Node.Constant one
                && right instanceof Node.Constant other
                && one.isCondition()
                && !other.isCondition()) {
            throw new MalformedExpression(rightStart, "TRUE or FALSE is compared with a number or a text");
        }
    }

    private static void checkNotNull(Node node, int start) throws MalformedExpression {
        if (node instanceof Node.Constant constant && constant.constant() == null) {
            throw new MalformedExpression(start, "NULL cannot be compared; write IS NULL");
        }
    }

    private static void checkOrdered(Node node, int start) throws MalformedExpression {
        if (node instanceof Node.Constant constant && constant.constant() instanceof Number) return;
        if (node instanceof Node.Constant || node.isCondition()) {
            throw new MalformedExpression(
                    start, "only properties and numbers can be compared with >, >=, <, <= and BETWEEN");
        }
    }

    private void deeper(int start) throws MalformedExpression {
        nesting++;
        if (nesting > SqlFilter.DEEPEST) {
            throw new MalformedExpression(start, "it is nested deeper than " + SqlFilter.DEEPEST + " levels");
        }
    }

    private <N extends Node> N node(N node, int start) throws MalformedExpression {
        nodes++;
        if (nodes > SqlFilter.MOST_NODES) {
            throw new MalformedExpression(start, "it has more than " + SqlFilter.MOST_NODES + " parts");
        }
        return node;
    }

    private boolean accept(Token wanted) throws MalformedExpression {
        if (token != wanted) return false;
        advance();
        return true;
    }

    private void expect(Token wanted) throws MalformedExpression {
        if (!accept(wanted)) throw unexpected("`" + wanted.shown() + "`");
    }

    private void advance() throws MalformedExpression {
        token = lexer.next();
        from = lexer.from();
    }

    private MalformedExpression unexpected(String expected) {
        @Nullable String found = token == Token.END ? null : text.substring(from, Math.min(lexer.to(), from + 40));
        return new MalformedExpression(
                from,
                found == null
                        ? "it ends where " + expected + " must follow"
                        : "`" + found + "` stands where " + expected + " must follow");
    }
}
