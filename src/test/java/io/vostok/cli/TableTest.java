package io.vostok.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    private static String printed(Table table) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        table.print(out);
        out.flush();
        return text.toString().replace(System.lineSeparator(), "\n");
    }

    @Test
    void linesUpUnderTheWidestCell() {
        Table table = new Table();
        table.row(List.of("NAME", "N"));
        table.row(List.of("orders", "1"));
        assertThat(printed(table)).isEqualTo("NAME    N\norders  1\n");
    }

    @Test
    void wideCharactersTakeTwoColumns() {
        Table table = new Table();
        table.row(List.of("订单", "1"));
        table.row(List.of("abcd", "2"));
        assertThat(printed(table)).isEqualTo("订单  1\nabcd  2\n");
    }

    @Test
    void showsWhatWouldSteerTheTerminal() {
        assertThat(Table.harmless("a\u001b[2Jb\u009bc\nd\te\r\u202e")).isEqualTo("a\uFFFD[2Jb\uFFFDc\\nd\\te\\r\uFFFD");
    }
}
