package io.vostok.cli.doctor;

/**
 * What one check found.
 *
 * @param check its name
 * @param words what was seen, with figures
 * @param advice what to do about it; empty when nothing is to be done
 */
public record Finding(String check, State state, String words, String advice) {
    /** How bad it is, worst last. */
    public enum State {
        OK,
        SKIPPED,
        WARN,
        FAIL
    }

    public static Finding ok(String check, String words) {
        return new Finding(check, State.OK, words, "");
    }

    /** It could not be seen from here. */
    public static Finding skipped(String check, String words) {
        return new Finding(check, State.SKIPPED, words, "");
    }

    public static Finding warn(String check, String words, String advice) {
        return new Finding(check, State.WARN, words, advice);
    }

    public static Finding fail(String check, String words, String advice) {
        return new Finding(check, State.FAIL, words, advice);
    }
}
