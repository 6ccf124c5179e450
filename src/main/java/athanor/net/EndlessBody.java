package athanor.net;

import athanor.error.Problem;

/** A body whose length nobody knows has become more than it may; what came of it is worthless. */
final class EndlessBody extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  EndlessBody(Problem problem) {
    super(problem.line(), null, false, false);
    this.problem = problem;
  }

  Problem problem() {
    return problem;
  }
}
