package athanor.net;

import athanor.error.Kind;
import athanor.error.PrintableText;
import athanor.error.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Recognises from its first bytes what a server sends instead of a file: web pages, error texts,
 * Git LFS pointers. What a genuine file is made of is not judged here.
 */
final class FirstBytes {
  /** So many bytes are enough to judge; less only if the file ends. */
  static final int ENOUGH = 4096;

  private static final Pattern POINTER_SIZE = Pattern.compile("(?m)^size (\\d+)$");
  private static final Pattern PAGE =
      Pattern.compile("<(!doctype html|html|head|body|script|\\?xml|error)\\b.*", Pattern.DOTALL);

  private FirstBytes() {}

  /**
   * Returns if these may be the first bytes of the file.
   *
   * @param name the file's name; a file that is called {@code .html} or {@code .json} may be one
   * @param advice what to do about it
   * @throws athanor.error.AthanorException of kind NETWORK otherwise, with what the page or text
   *     says
   */
  static void refuseErrorPages(byte[] start, String name, String advice) {
    String text = new String(start, 0, Math.min(start.length, 64 << 10), StandardCharsets.UTF_8);
    String content = text.startsWith("\uFEFF") ? text.substring(1) : text;
    String lower = content.stripLeading().toLowerCase(Locale.ROOT);
    String file = name.toLowerCase(Locale.ROOT);
    if (PAGE.matcher(lower).matches() && !file.matches(".*\\.(html?|xml|svg)")) {
      throw page(content, name, advice);
    }
    if (lower.startsWith("{") && !file.endsWith(".json")) {
      error(start)
          .ifPresent(said -> {
            throw instead("an error message", said, name, advice);
          });
    }
    if (lower.startsWith("version https://git-lfs.github.com/spec/")
        || lower.startsWith("version https://hawser.github.com/spec/")) {
      throw pointer(content, name);
    }
  }

  private static RuntimeException page(String content, String name, String advice) {
    Matcher code = Pattern.compile("<Code>([^<]*)</Code>").matcher(content);
    if (code.find()) {
      return instead("an error message", PrintableText.line(code.group(1)), name, advice);
    }
    String title = Refusal.title(content).orElse("a page without title");
    return instead("a web page", title, name, advice);
  }

  private static RuntimeException instead(String what, String said, String name, String advice) {
    return Problem.of(Kind.NETWORK, "the server sent " + what + " instead of the file")
        .at(name)
        .found("\"" + said + "\"")
        .help(advice)
        .toException();
  }

  private static Optional<String> error(byte[] start) {
    try {
      return Refusal.inJson(Json.parse(start)).map(PrintableText::line);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static RuntimeException pointer(String content, String name) {
    Matcher size = POINTER_SIZE.matcher(content);
    String real = size.find() ? " of a file of " + size.group(1) + " bytes" : "";
    return Problem.of(Kind.NETWORK, "the server sent a Git LFS pointer instead of the file")
        .at(name)
        .found("a pointer" + real)
        .help("use the download link of the file (with /resolve/ in it), not the /raw/ one")
        .toException();
  }
}
