package io.vostok.broker.send;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** Makes message ids for clients that send none: 32 upper-case hex digits, as long as those of Java clients. */
final class UniqueIds {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private final String prefix;
    private final RandomGenerator random;
    private int counter;

    UniqueIds(RandomGenerator random) {
        this.random = random;
        this.prefix = HEX.toHexDigits(random.nextLong());
        this.counter = random.nextInt();
    }

    String next() {
        return prefix + HEX.toHexDigits(random.nextInt()) + HEX.toHexDigits(counter++);
    }
}
