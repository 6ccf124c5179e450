package athanor.web.bench;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;

/** What is said of a failure: its problem, or that it is a defect. */
final class Failures {
  private Failures() {}

  static Problem of(Throwable failure) {
    if (failure instanceof AthanorException known) {
      return known.problem();
    }
    if (failure instanceof OutOfMemoryError) {
      return Problem.of(Kind.RESOURCES, "Java ran out of memory; nothing was written")
          .help("allow more: ATHANOR_JAVA_OPTIONS=-Xmx4g");
    }
    return Problem.of(Kind.BUG, "a defect of this program: " + failure)
        .help("please report it with what you did before");
  }
}
