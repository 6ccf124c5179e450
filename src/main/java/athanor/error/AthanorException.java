package athanor.error;

import org.jspecify.annotations.Nullable;

/**
 * The one unchecked exception of this program: it carries a {@link Problem}. Its message is {@link
 * Problem#line()}.
 */
public final class AthanorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  AthanorException(Problem problem, @Nullable Throwable cause) {
    super(problem.line(), cause);
    this.problem = problem;
  }

  /** What went wrong. */
  public Problem problem() {
    return problem;
  }
}
