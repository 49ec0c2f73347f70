package io.vostok.front.remoting.tls;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.SslContext;
import io.vostok.config.Config;
import io.vostok.config.Config.ClientAuth;
import io.vostok.config.Config.TlsMode;
import io.vostok.config.ConfigException;
import io.vostok.time.ManualClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsContextsTest {
    private static final long IN_2026 = 1_790_000_000_000L;

    @TempDir
    Path temporary = Path.of("");

    private final ManualClock clock = new ManualClock(IN_2026);

    @Test
    void makesNothingWhenOff() {
        assertThat(made(tls(TlsMode.DISABLED, null, null), folder(), List.of(), clock))
                .isNull();
        assertThat(folder()).doesNotExist();
    }

    @Test
    void makesCertificateThatItsOwnKeySignedAndNamesTheHosts() throws IOException, GeneralSecurityException {
        create();
        X509Certificate certificate = certificate();
        certificate.verify(certificate.getPublicKey());
        assertThat(certificate.getNotBefore().toInstant()).isBefore(Instant.ofEpochMilli(IN_2026));
        assertThat(certificate.getNotAfter().toInstant()).isAfter(Instant.ofEpochMilli(IN_2026));
        assertThat(certificate.getVersion()).isEqualTo(3);
        assertThat(certificate.getSubjectAlternativeNames().toString())
                .contains("localhost", "127.0.0.1", "broker.example");
        assertThat(certificate.getKeyUsage()[0]).isTrue();
    }

    @Test
    void keepsPairAcrossRestartsForTheOwnerOnly() throws IOException, GeneralSecurityException {
        create();
        X509Certificate first = certificate();
        create();
        assertThat(certificate()).isEqualTo(first);
        assertThat(permissions(folder())).isEqualTo("rwx------");
        assertThat(permissions(folder().resolve(TlsContexts.KEY))).isEqualTo("rw-------");
    }

    @Test
    void makesNewPairShortlyBeforeTheOldOneEnds() throws IOException, GeneralSecurityException {
        create();
        X509Certificate first = certificate();
        clock.stepWall(Duration.ofDays(3_640));
        create();
        assertThat(certificate()).isNotEqualTo(first);
    }

    @Test
    void makesBothAnewWhenKeyIsMissing() throws IOException, GeneralSecurityException {
        create();
        X509Certificate first = certificate();
        Files.delete(folder().resolve(TlsContexts.KEY));
        create();
        assertThat(certificate()).isNotEqualTo(first);
    }

    @Test
    void saysWhatToDoAboutDamagedPair() throws IOException {
        create();
        Files.writeString(folder().resolve(TlsContexts.CERTIFICATE), "damaged");
        assertThatThrownBy(this::create)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("delete it and")
                .hasMessageContaining(TlsContexts.CERTIFICATE);
    }

    @Test
    void usesConfiguredPair() {
        create();
        Config.Tls tls =
                tls(TlsMode.ENFORCING, folder().resolve(TlsContexts.CERTIFICATE), folder().resolve(TlsContexts.KEY));
        Path other = temporary.resolve("other");
        assertThat(made(tls, other, List.of(), clock)).isNotNull();
        assertThat(other).doesNotExist();
    }

    @Test
    void makesThePairBeforeAnybodyShakesHands() {
        LateTls late = LateTls.of(tls(TlsMode.PERMISSIVE, null, null), folder(), List.of(), clock, Runnable::run);
        assertThat(folder()).doesNotExist();

        requireNonNull(late).prepare();

        assertThat(folder().resolve(TlsContexts.CERTIFICATE)).exists();
    }

    @Test
    void triesAgainWithTheNextClientWhatFailed() throws IOException {
        create();
        Path certificate = folder().resolve(TlsContexts.CERTIFICATE);
        String good = Files.readString(certificate);
        Files.writeString(certificate, "damaged");
        LateTls late = requireNonNull(
                LateTls.of(tls(TlsMode.PERMISSIVE, null, null), folder(), List.of(), clock, Runnable::run));
        assertThat(late.context()).isCompletedExceptionally();

        Files.writeString(certificate, good);

        assertThat(late.context()).isCompletedWithValueMatching(context -> context.isServer());
    }

    @Test
    void namesConfiguredFileThatIsMissingOrWrong() throws IOException {
        Path missing = temporary.resolve("none.pem");
        Path wrong = Files.writeString(temporary.resolve("wrong.pem"), "no certificate");
        assertThatThrownBy(() -> made(tls(TlsMode.ENFORCING, missing, missing), folder(), List.of(), clock))
                .isInstanceOf(ConfigException.class)
                .hasMessage("tls.certificateFile must be a readable file, was " + missing);
        assertThatThrownBy(() -> made(tls(TlsMode.ENFORCING, wrong, wrong), folder(), List.of(), clock))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("must be a PEM chain");
    }

    private Path folder() {
        return temporary.resolve("tls");
    }

    private static @Nullable SslContext made(Config.Tls tls, Path folder, List<String> names, ManualClock clock) {
        LateTls late = LateTls.of(tls, folder, names, clock, Runnable::run);
        if (late == null) return null;
        try {
            return late.context().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private void create() {
        List<String> names = List.of("broker.example", "10.0.0.1");
        assertThat(made(tls(TlsMode.PERMISSIVE, null, null), folder(), names, clock))
                .isNotNull();
    }

    private static Config.Tls tls(TlsMode mode, @Nullable Path certificate, @Nullable Path key) {
        return new Config.Tls(mode, certificate, key, ClientAuth.NONE, null);
    }

    private X509Certificate certificate() throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(folder().resolve(TlsContexts.CERTIFICATE))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
