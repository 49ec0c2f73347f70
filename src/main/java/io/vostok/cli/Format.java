package io.vostok.cli;

/** How an answer is printed. */
enum Format {
    TABLE,
    JSON,
    YAML
}
