package io.vostok.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * Where a command reads and writes.
 *
 * @param out what was asked for, and nothing else; flushed by who writes
 * @param err what went wrong, questions and remarks for people
 */
public record Terminal(InputStream in, PrintWriter out, PrintWriter err) {
    /** Says something to the person in front of it. */
    void say(String words) {
        err.println(words);
        err.flush();
    }

    /**
     * Has {@code word} typed in before something is done that cannot be undone.
     *
     * @throws NotConfirmedException when anything else is typed, or nothing
     */
    void confirm(String what, String word) {
        err.print(what + "\nType " + word + " to go on: ");
        err.flush();
        String typed;
        try {
            typed = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
        } catch (IOException e) {
            throw new NotConfirmedException("cannot read what is typed: " + e.getMessage());
        }
        if (typed == null) {
            err.println();
            throw new NotConfirmedException("nobody is there to confirm it; --yes does it unasked");
        }
        if (!typed.strip().equals(word)) throw new NotConfirmedException("not confirmed, nothing was done");
    }

    /** Ends a command whose question was not answered with yes. */
    static final class NotConfirmedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotConfirmedException(String message) {
            super(message, null, false, false);
        }
    }
}
