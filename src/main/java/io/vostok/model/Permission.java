package io.vostok.model;

/** Bits of a topic's or broker's permission, as on the wire and in topics.json. */
public final class Permission {
    /** New topics may copy this one (the template TBW102). */
    public static final int INHERIT = 1;
    /** Producers may send. */
    public static final int WRITE = 2;
    /** Consumers may pull. */
    public static final int READ = 4;
    /** Carried, without effect. */
    public static final int PRIORITY = 8;

    public static final int READ_WRITE = READ | WRITE;

    private Permission() {}

    public static boolean readable(int perm) {
        return (perm & READ) != 0;
    }

    public static boolean writable(int perm) {
        return (perm & WRITE) != 0;
    }

    public static boolean inheritable(int perm) {
        return (perm & INHERIT) != 0;
    }
}
