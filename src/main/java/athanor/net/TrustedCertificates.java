package athanor.net;

import athanor.error.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * The certificates of {@code SSL_CERT_FILE} or {@code REQUESTS_CA_BUNDLE} (PEM) in addition to
 * those of the Java machine: people behind an inspecting proxy have set one of them for Python
 * already.
 */
final class TrustedCertificates {
  private static final List<String> VARIABLES = List.of("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE");

  private TrustedCertificates() {}

  static Optional<SSLContext> from(Map<String, String> environment) {
    for (String variable : VARIABLES) {
      String file = environment.getOrDefault(variable, "").strip();
      if (!file.isEmpty()) {
        return Optional.of(context(variable, Path.of(file)));
      }
    }
    return Optional.empty();
  }

  private static SSLContext context(String variable, Path file) {
    try (InputStream pem = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int count = 0;
      for (X509Certificate known : javaMachines()) {
        store.setCertificateEntry("java-" + count++, known);
      }
      for (Certificate added : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        store.setCertificateEntry("added-" + count++, added);
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers(store), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw Problem.usage("the certificates cannot be read")
          .at("environment variable " + variable)
          .found(file)
          .expected("a PEM file")
          .toException(e);
    }
  }

  private static TrustManager[] managers(KeyStore store) throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static X509Certificate[] javaMachines() throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager trusted) {
        return trusted.getAcceptedIssuers();
      }
    }
    return new X509Certificate[0];
  }
}
