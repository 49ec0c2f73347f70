package io.vostok.wire.body;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Collects in words what of a table was left out; bounded. One thread. */
final class Problems {
    private static final int MOST = 100;

    private final List<String> told = new ArrayList<>();
    private int untold;

    void add(String problem) {
        if (told.size() < MOST) told.add(problem);
        else untold++;
    }

    List<String> list() {
        if (untold > 0) told.add("and " + untold + " more");
        return Collections.unmodifiableList(told);
    }
}
