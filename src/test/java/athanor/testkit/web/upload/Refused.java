package athanor.testkit.web.upload;

import athanor.testkit.web.Answer;

/** A request that is refused before its handler comes to its point. */
final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Answer answer;

  Refused(Answer answer) {
    super(answer.body());
    this.answer = answer;
  }

  Answer answer() {
    return answer;
  }
}
