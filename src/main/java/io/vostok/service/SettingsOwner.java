package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.broker.admin.AdminSettings;
import java.util.function.UnaryOperator;

/** Who keeps the settings that a running broker takes, and hands a change to all it concerns. Any thread. */
public interface SettingsOwner {
    AdminSettings settings();

    /** Applies a change, one at a time; fails as {@code change} does, and nothing has changed then. */
    Future<Void> change(UnaryOperator<AdminSettings> change);
}
