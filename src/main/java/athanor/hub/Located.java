package athanor.hub;

import athanor.error.Problem;
import athanor.net.Call;

/** The answer to the question where a file's bytes are. */
sealed interface Located {
  /** There, for a while. */
  record At(Call call) implements Located {}

  /** Not for this user: the problem says what is missing. */
  record Denied(Problem problem) implements Located {}
}
