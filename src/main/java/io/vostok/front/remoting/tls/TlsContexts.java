package io.vostok.front.remoting.tls;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.vostok.config.Config;
import io.vostok.config.ConfigException;
import io.vostok.time.Clock;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Makes the TLS context of the remoting ports. Reads and writes files: not on an event loop. */
final class TlsContexts {
    /** Names under the folder of the self-signed pair; the certificate may be given to clients as their trust anchor. */
    static final String CERTIFICATE = "certificate.pem";

    static final String KEY = "key.pem";
    private static final Duration RENEW_BEFORE_END = Duration.ofDays(30);

    private TlsContexts() {}

    /**
     * Returns a context with the self-signed pair in {@code folder}, which is made when it is missing or ends soon.
     *
     * @param names under which clients may reach the server
     * @throws UncheckedIOException when the pair cannot be made or read; the message names the file
     */
    static SslContext selfSigned(Config.Tls tls, Path folder, List<String> names, Clock clock) {
        keepSelfSigned(folder, names, clock);
        Path certificate = folder.resolve(CERTIFICATE);
        Path key = folder.resolve(KEY);
        try {
            return context(tls, certificate, key);
        } catch (IOException e) {
            throw unusable(certificate, e);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw unusable(certificate, key, e);
        }
    }

    /** Makes the self-signed pair when it is missing or ends soon; throws as {@link #selfSigned}. */
    static void keepSelfSigned(Path folder, List<String> names, Clock clock) {
        Path certificate = folder.resolve(CERTIFICATE);
        Path key = folder.resolve(KEY);
        try {
            keepSelfSigned(certificate, key, names, Instant.ofEpochMilli(clock.wallMillis()));
        } catch (IOException e) {
            throw unusable(certificate, e);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw unusable(certificate, key, e);
        }
    }

    private static UncheckedIOException unusable(Path certificate, IOException cause) {
        return new UncheckedIOException("self-signed certificate " + certificate + ": " + cause.getMessage(), cause);
    }

    private static UncheckedIOException unusable(Path certificate, Path key, Exception cause) {
        return new UncheckedIOException(new IOException(
                "self-signed certificate " + certificate + " cannot be used; delete it and " + key
                        + " to have new ones made: " + cause.getMessage(),
                cause));
    }

    /**
     * Returns the context that {@code tls} asks for with its own certificate.
     *
     * @throws ConfigException when a configured file cannot be used
     */
    static SslContext configured(Config.Tls tls, Path certificate, Path key) {
        readable("tls.certificateFile", certificate);
        readable("tls.keyFile", key);
        Path trust = tls.trustFile();
        if (trust != null) readable("tls.trustFile", trust);
        try {
            return context(tls, certificate, key);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new ConfigException(
                    "tls.certificateFile",
                    "and tls.keyFile must be a PEM chain and its PKCS #8 key, were " + certificate + " and " + key
                            + ": " + e.getMessage());
        }
    }

    private static void readable(String setting, Path file) {
        if (!Files.isReadable(file)) throw new ConfigException(setting, "must be a readable file, was " + file);
    }

    private static SslContext context(Config.Tls tls, Path certificate, Path key)
            throws IOException, GeneralSecurityException {
        SslContextBuilder builder = SslContextBuilder.forServer(certificate.toFile(), key.toFile())
                .sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2")
                .clientAuth(
                        switch (tls.clientAuth()) {
                            case NONE -> ClientAuth.NONE;
                            case OPTIONAL -> ClientAuth.OPTIONAL;
                            case REQUIRE -> ClientAuth.REQUIRE;
                        });
        Path trust = tls.trustFile();
        if (trust != null) {
            File trustFile = trust.toFile();
            builder.trustManager(trustFile);
        }
        return builder.build();
    }

    private static void keepSelfSigned(Path certificate, Path key, List<String> names, Instant now)
            throws IOException, GeneralSecurityException {
        if (Files.exists(certificate) && Files.exists(key) && !endsSoon(certificate, now)) return;
        Path folder = certificate.toAbsolutePath().getParent();
        if (folder == null) throw new IOException("has no folder");
        boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        Files.createDirectories(folder, owner("rwx------", posix));
        SelfSigned made = SelfSigned.make(dnsNames(names), now);
        // The key goes last: a start that is cut short in between finds no key and makes both anew.
        Files.deleteIfExists(key);
        replace(certificate, made.certificatePem(), posix);
        replace(key, made.keyPem(), posix);
    }

    private static boolean endsSoon(Path certificate, Instant now) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(certificate)) {
            X509Certificate read =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            return read.getNotAfter().toInstant().isBefore(now.plus(RENEW_BEFORE_END));
        }
    }

    /** Returns those of {@code names} that can stand as a DNS name; addresses and odd names are left out. */
    private static List<String> dnsNames(List<String> names) {
        return names.stream()
                .filter(name -> name.matches("[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*") && !name.matches("[0-9.]+"))
                .filter(name -> !name.equalsIgnoreCase("localhost"))
                .distinct()
                .toList();
    }

    private static void replace(Path file, String content, boolean posix) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.deleteIfExists(next);
        Files.createFile(next, owner("rw-------", posix));
        try (FileChannel out = FileChannel.open(next, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) out.write(bytes);
            out.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static FileAttribute<?>[] owner(String permissions, boolean posix) {
        if (!posix) return new FileAttribute<?>[0];
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        };
    }
}
