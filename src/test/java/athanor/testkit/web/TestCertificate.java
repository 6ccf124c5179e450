package athanor.testkit.web;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A key with a certificate of its own making, for servers in tests; made by the {@code keytool} of
 * this Java.
 *
 * @param pem the certificate, as {@code SSL_CERT_FILE} takes it
 * @param tls for a server
 */
public record TestCertificate(Path pem, SSLContext tls) {
  private static final String PASSWORD = "password";

  /**
   * Makes a certificate.
   *
   * @param folder where its files go
   * @param names host names and addresses it is for, such as {@code dns:models.test}
   * @param more further arguments of {@code keytool}
   */
  public static TestCertificate make(Path folder, String names, String... more) {
    try {
      Path keys = folder.resolve("keys.p12");
      Path pem = folder.resolve("certificate.pem");
      keytool(
          List.of(
              "-genkeypair",
              "-alias",
              "test",
              "-keyalg",
              "EC",
              "-dname",
              "CN=Athanor test",
              "-ext",
              "san=" + names,
              "-keystore",
              keys.toString(),
              "-storepass",
              PASSWORD),
          List.of(more));
      keytool(
          List.of(
              "-exportcert",
              "-rfc",
              "-alias",
              "test",
              "-keystore",
              keys.toString(),
              "-storepass",
              PASSWORD,
              "-file",
              pem.toString()),
          List.of());
      return new TestCertificate(pem, context(keys));
    } catch (IOException | InterruptedException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void keytool(List<String> arguments, List<String> more)
      throws IOException, InterruptedException {
    var command = new java.util.ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(arguments);
    command.addAll(more);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(said);
    }
  }

  private static SSLContext context(Path keys) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, PASSWORD.toCharArray());
    }
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }
}
