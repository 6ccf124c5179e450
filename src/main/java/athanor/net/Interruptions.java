package athanor.net;

import athanor.error.Kind;
import athanor.error.Problem;

/** Waiting in threads that others may interrupt: an interrupt means cancelled. */
final class Interruptions {
  private Interruptions() {}

  static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw cancelled(e);
    }
  }

  static RuntimeException cancelled(InterruptedException e) {
    Thread.currentThread().interrupt();
    return Problem.of(Kind.CANCELLED, "cancelled").toException(e);
  }
}
