package athanor.job;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The version of this program. */
public final class ProgramVersion {
  private ProgramVersion() {}

  /** Such as {@code 0.1.0}. */
  public static String text() {
    try (InputStream in =
        Objects.requireNonNull(ProgramVersion.class.getResourceAsStream("/athanor/version.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
