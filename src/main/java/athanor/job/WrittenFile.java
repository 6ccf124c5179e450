package athanor.job;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.merge.engine.MergeEngine;
import java.util.List;

/** What is looked at before an output gets its name. */
final class WrittenFile {
  private WrittenFile() {}

  /**
   * Judges values that could not be stored.
   *
   * @param work what made them, such as {@code the merge}
   * @param help what to do about infinities
   * @param warnings receives what is tolerated
   * @throws athanor.error.AthanorException of kind VERIFICATION if there are new infinities or NaN
   *     and they are not allowed
   */
  static void judge(
      MergeEngine.Findings findings,
      String work,
      String help,
      boolean allowNonFinite,
      List<String> warnings) {
    if (!findings.saturated().isEmpty()) {
      warnings.add(
          "fp8 values were cut off at the largest finite one in "
              + findings.saturated().size()
              + " tensors, for example "
              + findings.saturated().getFirst());
    }
    if (findings.newlyNonFinite().isEmpty()) {
      return;
    }
    var first = findings.newlyNonFinite().entrySet().iterator().next();
    String what =
        work
            + " overflows to infinity or NaN in "
            + findings.newlyNonFinite().size()
            + (findings.newlyNonFinite().size() == 1 ? " tensor" : " tensors");
    if (!allowNonFinite) {
      throw Problem.of(Kind.VERIFICATION, what + "; nothing was written")
          .at(first.getKey())
          .found(first.getValue() + " values too large to store")
          .help(help)
          .toException();
    }
    warnings.add(what + ", for example " + first.getKey() + "; written as you allowed");
  }
}
