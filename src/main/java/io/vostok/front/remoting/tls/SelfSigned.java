package io.vostok.front.remoting.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A key and a certificate that it signed itself (X.509 v3, EC P-256), for a server that was given none. Any thread.
 *
 * <p>The JDK can sign but not build certificates without {@code sun.*}, so the few fields are encoded here.
 */
record SelfSigned(PrivateKey key, X509Certificate certificate) {
    private static final int[] ECDSA_WITH_SHA256 = {1, 2, 840, 10045, 4, 3, 2};
    private static final int[] COMMON_NAME = {2, 5, 4, 3};
    private static final int[] KEY_USAGE = {2, 5, 29, 15};
    private static final int[] SUBJECT_ALTERNATIVE_NAME = {2, 5, 29, 17};
    private static final int[] EXTENDED_KEY_USAGE = {2, 5, 29, 37};
    private static final int[] SERVER_AUTHENTICATION = {1, 3, 6, 1, 5, 5, 7, 3, 1};
    private static final Duration VALID = Duration.ofDays(3_650);

    /**
     * Makes a new pair, valid from a day before {@code now}, because clocks differ, for ten years.
     *
     * @param dnsNames under which clients reach the server, besides {@code localhost} and 127.0.0.1
     */
    static SelfSigned make(List<String> dnsNames, Instant now) throws GeneralSecurityException {
        SecureRandom random = new SecureRandom();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        KeyPair pair = generator.generateKeyPair();
        byte[] algorithm = Der.sequence(Der.oid(ECDSA_WITH_SHA256));
        byte[] name = Der.sequence(Der.set(Der.sequence(Der.oid(COMMON_NAME), Der.utf8("Vostok, self-signed"))));
        byte[] toSign = Der.sequence(
                Der.explicit(0, Der.integer(BigInteger.TWO)),
                Der.integer(new BigInteger(127, random).add(BigInteger.ONE)),
                algorithm,
                name,
                Der.sequence(Der.time(now.minus(Duration.ofDays(1))), Der.time(now.plus(VALID))),
                name,
                pair.getPublic().getEncoded(),
                Der.explicit(3, Der.sequence(keyUsage(), extendedKeyUsage(), alternativeNames(dnsNames))));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(pair.getPrivate(), random);
        signature.update(toSign);
        byte[] encoded = Der.sequence(toSign, algorithm, Der.bits(0, signature.sign()));
        X509Certificate certificate = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
        return new SelfSigned(pair.getPrivate(), certificate);
    }

    private static byte[] keyUsage() {
        return Der.sequence(Der.oid(KEY_USAGE), Der.yes(), Der.octets(Der.bits(7, new byte[] {(byte) 0x80})));
    }

    private static byte[] extendedKeyUsage() {
        return Der.sequence(Der.oid(EXTENDED_KEY_USAGE), Der.octets(Der.sequence(Der.oid(SERVER_AUTHENTICATION))));
    }

    private static byte[] alternativeNames(List<String> dnsNames) {
        List<byte[]> names = new ArrayList<>();
        names.add(Der.implicit(2, "localhost".getBytes(StandardCharsets.US_ASCII)));
        names.add(Der.implicit(7, new byte[] {127, 0, 0, 1}));
        for (String dnsName : dnsNames) names.add(Der.implicit(2, dnsName.getBytes(StandardCharsets.US_ASCII)));
        return Der.sequence(Der.oid(SUBJECT_ALTERNATIVE_NAME), Der.octets(Der.sequence(names.toArray(new byte[0][]))));
    }

    String keyPem() {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    String certificatePem() throws GeneralSecurityException {
        return pem("CERTIFICATE", certificate.getEncoded());
    }

    private static String pem(String label, byte[] content) {
        byte[] newline = {'\n'};
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, newline).encodeToString(content) + "\n-----END " + label + "-----\n";
    }
}
