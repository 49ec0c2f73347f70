package io.vostok.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Lines of cells under one another, for people to read. */
final class Table {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    /** Adds a line. What could steer the terminal, such as a message's body may contain, is shown and does nothing. */
    void row(List<String> cells) {
        rows.add(cells.stream().map(Table::harmless).toList());
    }

    void print(PrintWriter out) {
        List<Integer> widths = new ArrayList<>();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                int width = width(row.get(i));
                if (i == widths.size()) widths.add(width);
                widths.set(i, Math.max(widths.get(i), width));
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                line.append(row.get(i));
                if (i == row.size() - 1) break;
                line.append(" ".repeat(widths.get(i) - width(row.get(i)))).append(GAP);
            }
            out.println(line.toString().stripTrailing());
        }
    }

    static String harmless(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().forEach(each -> {
            switch (each) {
                case '\n' -> clean.append("\\n");
                case '\r' -> clean.append("\\r");
                case '\t' -> clean.append("\\t");
                default -> {
                    int type = Character.getType(each);
                    boolean steers = type == Character.CONTROL
                            || type == Character.FORMAT
                            || type == Character.LINE_SEPARATOR
                            || type == Character.PARAGRAPH_SEPARATOR;
                    clean.appendCodePoint(steers ? '\uFFFD' : each);
                }
            }
        });
        return clean.toString();
    }

    /** Columns of a terminal that the text takes: two for each character of the wide scripts. */
    static int width(String text) {
        return text.codePoints().map(each -> isWide(each) ? 2 : 1).sum();
    }

    private static boolean isWide(int each) {
        return each >= 0x1100
                && (each <= 0x115F
                        || (each >= 0x2E80 && each <= 0xA4CF)
                        || (each >= 0xAC00 && each <= 0xD7A3)
                        || (each >= 0xF900 && each <= 0xFAFF)
                        || (each >= 0xFE30 && each <= 0xFE6F)
                        || (each >= 0xFF00 && each <= 0xFF60)
                        || (each >= 0xFFE0 && each <= 0xFFE6)
                        || (each >= 0x1F300 && each <= 0x1FAFF)
                        || (each >= 0x20000 && each <= 0x3FFFD));
    }
}
