package io.vostok.cli;

/** Ends a command that the server refused, or that reached none. */
final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String hint;
    private final boolean reached;

    private ApiException(String remark, String hint, boolean reached) {
        super(remark, null, false, false);
        this.hint = hint;
        this.reached = reached;
    }

    /** The server said no, in its words. */
    static ApiException refused(String remark, String hint) {
        return new ApiException(remark, hint, true);
    }

    /** Nobody answered, or not as our server does. */
    static ApiException unreachable(String remark, String hint) {
        return new ApiException(remark, hint, false);
    }

    String hint() {
        return hint;
    }

    /** Whether a server answered. */
    boolean reached() {
        return reached;
    }
}
