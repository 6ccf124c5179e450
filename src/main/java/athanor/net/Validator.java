package athanor.net;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * By what a server tells one version of a file from another: its {@code ETag}, else the time of its
 * last change (RFC 9110, 8.8).
 *
 * @param text as the header has it
 */
record Validator(String text) {
  private static final Pattern TAG = Pattern.compile("(W/)?\"[\\x21\\x23-\\x7e]{0,1000}\"");
  private static final Pattern DATE =
      Pattern.compile("[A-Z][a-z]{2}, \\d{2} [A-Z][a-z]{2} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT");

  /** The text if it can be one; what a stranger's state holds may be anything. */
  static Optional<Validator> of(String text) {
    boolean sound = TAG.matcher(text).matches() || DATE.matcher(text).matches();
    return sound ? Optional.of(new Validator(text)) : Optional.empty();
  }

  /** That of an answer, if it has one. */
  static Optional<Validator> of(Reply reply) {
    return reply
        .header("etag")
        .flatMap(Validator::of)
        .or(() -> reply.header("last-modified").flatMap(Validator::of));
  }

  private boolean isTag() {
    return text.endsWith("\"");
  }

  /** What a request may be made to depend on; weak tags may not be used for that. */
  Optional<String> forIfRange() {
    return text.startsWith("W/") ? Optional.empty() : Optional.of(text);
  }

  /**
   * Whether an answer is of the same version. It has to repeat a tag; a time may be left out where
   * the request named it (RFC 9110, 15.3.7).
   */
  boolean fits(Reply reply) {
    Optional<String> now = reply.header(isTag() ? "etag" : "last-modified");
    return now.map(text::equals).orElse(!isTag());
  }
}
