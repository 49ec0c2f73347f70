package io.vostok.role;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vostok.broker.admin.AdminSettings;
import io.vostok.broker.admin.LiveSettings;
import io.vostok.service.SettingsOwner;
import java.util.List;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the settings that a running broker takes, until it stops. Any thread; the lock is held while a change is handed out,
 * which only sets fields.
 */
final class LiveSettingsOwner implements SettingsOwner {
    private static final Logger LOG = LoggerFactory.getLogger(LiveSettingsOwner.class);

    /** Takes what concerns it of the settings. */
    @FunctionalInterface
    interface User {
        Future<Void> use(LiveSettings settings);
    }

    private final List<User> users;
    private volatile AdminSettings settings;

    LiveSettingsOwner(AdminSettings settings, List<User> users) {
        this.settings = settings;
        this.users = List.copyOf(users);
    }

    @Override
    public AdminSettings settings() {
        return settings;
    }

    @Override
    public Future<Void> change(UnaryOperator<AdminSettings> change) {
        Promise<Void> done = Promise.promise();
        List<Future<Void>> used;
        synchronized (this) {
            AdminSettings next;
            try {
                next = change.apply(settings);
            } catch (RuntimeException refused) {
                return Future.failedFuture(refused);
            }
            LOG.warn("settings changed until the broker stops to={} was={}", next.live(), settings.live());
            settings = next;
            used = users.stream().map(user -> user.use(next.live())).toList();
        }
        Future.all(used).<Void>mapEmpty().onComplete(done);
        return done.future();
    }
}
