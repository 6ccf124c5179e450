package athanor.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version of this program. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"athanor " + text()};
  }

  /** Such as {@code 0.1.0}. */
  static String text() {
    try (InputStream in =
        Objects.requireNonNull(Version.class.getResourceAsStream("/athanor/version.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
