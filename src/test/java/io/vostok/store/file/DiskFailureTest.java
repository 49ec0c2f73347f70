package io.vostok.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DiskFailureTest {
    @Test
    void saysThatAccessWasDeniedAndNotOnlyWhere() {
        assertThat(DiskFailure.of("lock", "locking /store", Path.of("/"), new AccessDeniedException("/store/lock")))
                .hasMessage("lock: locking /store failed: permission denied: /store/lock");
    }
}
