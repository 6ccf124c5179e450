package athanor.hub.upload;

import athanor.error.Problem;

/** The signed addresses are of no more use; the Hub has to be asked for new ones. */
final class StaleAddresses extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  /** {@code problem} is what to report when asking again does not help. */
  StaleAddresses(Problem problem) {
    super(problem.line(), null, false, false);
    this.problem = problem;
  }

  Problem problem() {
    return problem;
  }
}
