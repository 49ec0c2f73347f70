package io.vostok.broker.filter;

/**
 * Ends an evaluation that has no result; never leaves this package. Thrown for ordinary messages, so it carries no stack
 * trace and costs little.
 */
final class EvaluationFailure extends RuntimeException {
    private EvaluationFailure(String reason) {
        super(reason, null, false, false);
    }

    /** A property is not the number it is compared with. */
    static EvaluationFailure noNumber() {
        return new EvaluationFailure("a property is not the number it is compared with");
    }

    /** The result of a condition meets a text. */
    static EvaluationFailure notComparable() {
        return new EvaluationFailure("a condition is compared with a text");
    }

    /** More steps than {@link Evaluation#BUDGET}. */
    static EvaluationFailure budget() {
        return new EvaluationFailure("the evaluation takes more steps than its budget");
    }
}
