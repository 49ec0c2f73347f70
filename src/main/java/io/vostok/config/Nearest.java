package io.vostok.config;

import java.util.Collection;
import java.util.Locale;

/** Finds the name that was probably meant. */
final class Nearest {
    private Nearest() {}

    /** Returns the one of {@code names}, which are not none, with the fewest changed characters; ties go to the alphabet. */
    static String to(String wanted, Collection<String> names) {
        String best = "";
        int fewest = Integer.MAX_VALUE;
        for (String name : names) {
            int changes = changes(wanted.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
            if (changes < fewest || (changes == fewest && name.compareTo(best) < 0)) {
                best = name;
                fewest = changes;
            }
        }
        return best;
    }

    private static int changes(String from, String to) {
        int[] above = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) above[j] = j;
        for (int i = 1; i <= from.length(); i++) {
            int[] row = new int[to.length() + 1];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = above[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[to.length()];
    }
}
