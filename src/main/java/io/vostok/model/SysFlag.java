package io.vostok.model;

/** Bits of a message's sysFlag (remoting reference 4.4). */
public final class SysFlag {
    public static final int COMPRESSED = 0x001;
    public static final int MULTI_TAGS = 0x002;
    public static final int TRANSACTION_PREPARED = 0x004;
    public static final int TRANSACTION_COMMIT = 0x008;
    /** Both transaction bits: rolled back; also the mask of the transaction type. */
    public static final int TRANSACTION_MASK = 0x00C;

    public static final int BORN_HOST_V6 = 0x010;
    public static final int STORE_HOST_V6 = 0x020;
    public static final int NEED_UNWRAP = 0x040;
    public static final int INNER_BATCH = 0x080;

    private SysFlag() {}

    /** Returns {@code sysFlag} without the bits that would hide a record from its queue. */
    public static int shownInQueues(int sysFlag) {
        return hiddenFromQueues(sysFlag) ? sysFlag & ~TRANSACTION_MASK : sysFlag;
    }

    /** Tells whether {@code sysFlag} is a prepared or rolled-back transaction, which no consume queue shows. */
    public static boolean hiddenFromQueues(int sysFlag) {
        int type = sysFlag & TRANSACTION_MASK;
        return type == TRANSACTION_PREPARED || type == TRANSACTION_MASK;
    }
}
