package io.vostok.broker.filter;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A part of a compiled expression. Immutable.
 *
 * <p>A value is a Boolean, String, Integer, Long, Double, or null for unknown (storage reference 11.7).
 */
sealed interface Node {
    /**
     * Returns the value for the message that {@code message} holds.
     *
     * @throws EvaluationFailure when there is none
     */
    @Nullable
    Object value(Evaluation message);

    /** Tells whether it may stand where a condition must. */
    default boolean isCondition() {
        return true;
    }

    record Constant(@Nullable Object constant) implements Node {
        @Override
        public @Nullable Object value(Evaluation message) {
            return constant;
        }

        @Override
        public boolean isCondition() {
            return constant == null || constant instanceof Boolean;
        }
    }

    /** The value of a property; {@code slot} is where {@link Evaluation} keeps it. */
    record Property(int slot) implements Node {
        @Override
        public @Nullable Object value(Evaluation message) {
            return message.property(slot);
        }

        @Nullable
        String text(Evaluation message) {
            return message.property(slot);
        }

        @Override
        public boolean isCondition() {
            return false;
        }
    }

    /** A property where a condition must stand: a text is never true, a missing one unknown. */
    record Cast(Property property) implements Node {
        @Override
        public @Nullable Object value(Evaluation message) {
            return property.value(message) == null ? null : Boolean.FALSE;
        }
    }

    record Negate(Node operand) implements Node {
        @Override
        public @Nullable Object value(Evaluation message) {
            Object value = operand.value(message.step());
            if (value instanceof Integer number) return -number;
            if (value instanceof Long number) return -number;
            if (value instanceof Double number) return -number;
            return null;
        }

        @Override
        public boolean isCondition() {
            return false;
        }
    }

    record Not(Node condition) implements Node {
        @Override
        public @Nullable Object value(Evaluation message) {
            Object value = condition.value(message.step());
            if (value == null) return null;
            return value == Boolean.TRUE ? Boolean.FALSE : Boolean.TRUE;
        }
    }

    /** Conditions side by side, so that a long chain is no deep tree; asked from the left until one decides. */
    record All(List<Node> conditions) implements Node {
        @Override
        public @Nullable Object value(Evaluation message) {
            return decide(conditions, Boolean.FALSE, Boolean.TRUE, message);
        }
    }

    record Any(List<Node> conditions) implements Node {
        @Override
        public @Nullable Object value(Evaluation message) {
            return decide(conditions, Boolean.TRUE, Boolean.FALSE, message);
        }
    }

    private static @Nullable Object decide(List<Node> conditions, Boolean decisive, Boolean other, Evaluation message) {
        boolean unknown = false;
        for (int i = 0; i < conditions.size(); i++) {
            Object value = conditions.get(i).value(message.step());
            if (decisive.equals(value)) return decisive;
            unknown |= value == null;
        }
        return unknown ? null : other;
    }

    /** Both sides are asked, also when the left is missing. */
    record Equal(Node left, Node right) implements Node {
        @Override
        public @Nullable Object value(Evaluation message) {
            Object leftValue = left.value(message.step());
            Object rightValue = right.value(message);
            if (leftValue == null) return rightValue == null ? Boolean.TRUE : null;
            if (rightValue == null) return false;
            return Values.compare(leftValue, rightValue, message) == 0;
        }
    }

    record IsNull(Node operand) implements Node {
        @Override
        public Object value(Evaluation message) {
            return operand.value(message.step()) == null;
        }
    }

    /** Two numbers, or what becomes one; {@code relation} is one of the four that order them. */
    record Ordered(Token relation, Node left, Node right) implements Node {
        @Override
        public @Nullable Object value(Evaluation message) {
            Object leftValue = left.value(message.step());
            if (leftValue == null) return null;
            Object rightValue = right.value(message);
            if (rightValue == null) return null;
            int order = Values.order(leftValue, rightValue, message);
            return switch (relation) {
                case GREATER -> order > 0;
                case GREATER_OR_EQUAL -> order >= 0;
                case LESS -> order < 0;
                default -> order <= 0;
            };
        }
    }

    record In(Property property, Set<String> texts, boolean wanted) implements Node {
        @Override
        public @Nullable Object value(Evaluation message) {
            String value = property.text(message);
            if (value == null) return null;
            message.steps(value.length());
            return texts.contains(value) == wanted;
        }
    }

    /** Without a text on the left, or with an empty one on the right, both forms are false. */
    record Holds(Token where, Node operand, Pattern pattern, boolean wanted) implements Node {
        @Override
        public Object value(Evaluation message) {
            if (pattern.isEmpty()) return false;
            if (!(operand.value(message.step()) instanceof String value)) return false;
            boolean holds = switch (where) {
                case STARTSWITH -> value.startsWith(pattern.text());
                case ENDSWITH -> value.endsWith(pattern.text());
                default -> pattern.isIn(value, message);
            };
            return holds == wanted;
        }
    }
}
