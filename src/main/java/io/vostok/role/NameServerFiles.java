package io.vostok.role;

import io.vertx.core.Context;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vostok.nameserver.NameServerStorage;
import io.vostok.store.StoreException;
import io.vostok.store.file.Disk;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The name server's small files, in Apache's form. Writes in the order of the calls, off the event loop. */
final class NameServerFiles implements NameServerStorage {
    private static final String KEY_VALUES = "kvConfig.json";
    private static final String SETTINGS = "namesrv.properties.json";
    private static final String CONFIG_TABLE = "configTable";

    private final Disk disk;
    private final Context owner;

    /** @param owner context of the name server, on which saves complete */
    NameServerFiles(Disk disk, Context owner) {
        this.disk = disk;
        this.owner = owner;
    }

    /** Returns the stored key-values by namespace; empty when there are none yet. Blocks. */
    static Map<String, Map<String, String>> keyValues(Disk disk) {
        Map<String, Map<String, String>> namespaces = new TreeMap<>();
        JsonObject table = read(disk, KEY_VALUES).getJsonObject(CONFIG_TABLE, new JsonObject());
        for (String namespace : table.fieldNames()) namespaces.put(namespace, strings(table.getJsonObject(namespace)));
        return namespaces;
    }

    /** Returns the stored settings; empty when none was ever changed. Blocks. */
    static Map<String, String> settings(Disk disk) {
        return strings(read(disk, SETTINGS));
    }

    private static JsonObject read(Disk disk, String file) {
        byte @Nullable [] content = disk.read(file);
        if (content == null) return new JsonObject();
        try {
            return new JsonObject(new String(content, StandardCharsets.UTF_8));
        } catch (DecodeException damaged) {
            throw new StoreException(
                    StoreException.Kind.DAMAGED,
                    "file " + file + " of the name server is not JSON; restore it from " + file + ".bak or delete it: "
                            + damaged.getMessage(),
                    damaged);
        }
    }

    private static Map<String, String> strings(JsonObject object) {
        Map<String, String> strings = new TreeMap<>();
        for (String name : object.fieldNames()) strings.put(name, String.valueOf(object.getValue(name)));
        return strings;
    }

    @Override
    public CompletionStage<Void> saveKeyValues(Map<String, Map<String, String>> configTable) {
        JsonObject table = new JsonObject();
        configTable.forEach((namespace, values) -> table.put(namespace, object(values)));
        return save(KEY_VALUES, new JsonObject().put(CONFIG_TABLE, table));
    }

    @Override
    public CompletionStage<Void> saveSettings(Map<String, String> settings) {
        return save(SETTINGS, object(settings));
    }

    private static JsonObject object(Map<String, String> values) {
        JsonObject object = new JsonObject();
        values.forEach(object::put);
        return object;
    }

    private CompletionStage<Void> save(String file, JsonObject content) {
        byte[] bytes = content.encodePrettily().getBytes(StandardCharsets.UTF_8);
        return owner.<Void>executeBlocking(
                        () -> {
                            disk.replace(file, bytes);
                            return null;
                        },
                        true)
                .toCompletionStage();
    }
}
