package io.vostok.nameserver;

import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * Where the name server keeps what must survive a restart. Called on the owner's thread, must not block it; later calls
 * must win over earlier ones. The stages complete on the owner's thread, exceptionally when the disk refused.
 */
public interface NameServerStorage {
    /**
     * Replaces the stored key-value configuration atomically (Apache's {@code kvConfig.json}:
     * {@code {"configTable":{namespace:{key:value}}}}).
     *
     * @param configTable values by key by namespace; never changes
     */
    CompletionStage<Void> saveKeyValues(Map<String, Map<String, String>> configTable);

    /** Replaces the stored settings (Apache's {@code namesrv.properties}). */
    CompletionStage<Void> saveSettings(Map<String, String> settings);
}
