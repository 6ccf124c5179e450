package athanor.net;

import athanor.error.MaskedText;
import athanor.error.Problem;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * A token or password. It never shows its value in text; only {@link #reveal} does, and from the
 * moment it exists no message of this program does either. Immutable.
 */
public final class Secret {
  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  /**
   * A secret from text that a user typed or a file holds; blanks and line ends around it are
   * dropped.
   *
   * @throws athanor.error.AthanorException of kind USAGE if it is empty or has control characters,
   *     blanks or non-ASCII characters inside, which no HTTP header may carry
   */
  public static Secret of(String text) {
    String value = text.strip();
    if (value.isEmpty()) {
      throw Problem.usage("the token is empty").toException();
    }
    if (!value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw Problem.usage("the token holds blanks, line breaks or special characters")
          .help("copy the token alone, without quotes or other text")
          .toException();
    }
    MaskedText.neverShow(value);
    return new Secret(value);
  }

  /** The value itself, for a request header or a file that only its owner can read. */
  public String reveal() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret that && MessageDigest.isEqual(bytes(value), bytes(that.value));
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  /** A placeholder, never the value. */
  @Override
  public String toString() {
    return MaskedText.MASK;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
