package athanor.report;

import athanor.error.Problem;

/**
 * Something to know beside the results: a line of standard error with {@code --json}, with the
 * field {@code event} first.
 */
public sealed interface Event {
  /**
   * Worth knowing.
   *
   * @param text a sentence without a full stop
   */
  @LineName("note")
  record Note(String text) implements Event {}

  /**
   * Something the user should know.
   *
   * @param text a sentence without a full stop
   */
  @LineName("warning")
  record Warning(String text) implements Event {}

  /**
   * Why the command failed.
   *
   * @param problem in parts
   * @param exitCode of the command
   */
  @LineName("error")
  record Failure(@Inline Problem problem, int exitCode) implements Event {
    /** The failure of a command that ends because of this problem. */
    public static Failure of(Problem problem) {
      return new Failure(problem, problem.kind().exitCode());
    }
  }

  /**
   * How far a stage is, at most every five seconds.
   *
   * @param activity the stage, such as {@code merging}
   * @param bytes done
   * @param totalBytes to do, 0 if that is not known
   * @param items tensors or files done
   * @param totalItems to do, 0 if they are not counted
   * @param seconds since the stage began
   */
  @LineName("progress")
  record Advance(
      String activity, long bytes, long totalBytes, int items, int totalItems, double seconds)
      implements Event {}

  /**
   * For bug reports, with {@code --debug}.
   *
   * @param text a stage with its time, or a stack trace of several lines
   */
  @LineName("debug")
  record Debug(String text) implements Event {}
}
