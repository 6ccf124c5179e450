package athanor.web.bench;

import athanor.error.Problem;
import java.util.regex.Pattern;

/** The name that somebody gives a result. */
final class ResultName {
  private static final String EXTENSION = ".safetensors";
  private static final Pattern PLAIN =
      Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._()+-]{0,150}");

  private ResultName() {}

  /**
   * A file name, with an extension if it has none.
   *
   * @throws athanor.error.AthanorException of kind USAGE if it could be more than the name of a
   *     file in the chosen folder
   */
  static String of(String typed) {
    String name = typed.strip();
    if (!PLAIN.matcher(name).matches() || name.contains("..")) {
      throw Problem.usage("this cannot be the name of the result")
          .found(name.isEmpty() ? "nothing" : "'" + name + "'")
          .expected("letters, digits, blanks, . _ - + ( ), as in mine" + EXTENSION)
          .toException();
    }
    return name.endsWith(EXTENSION) || name.endsWith(".ckpt") ? name : name + EXTENSION;
  }
}
