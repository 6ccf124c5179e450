package athanor.progress;

import athanor.error.Kind;
import athanor.error.Problem;

/**
 * A wish to stop, set by one thread and looked at by workers between blocks. A flag rather than an
 * interrupt, because interrupting a thread closes the file channel it is using. Thread-safe.
 */
public final class Cancellation {
  private volatile boolean requested;

  /** Asks the work to stop. */
  public void request() {
    requested = true;
  }

  /** Whether the work was asked to stop. */
  public boolean isRequested() {
    return requested;
  }

  /**
   * Returns if the work may go on.
   *
   * @throws athanor.error.AthanorException of kind CANCELLED if it was asked to stop
   */
  public void check() {
    if (requested) {
      throw Problem.of(Kind.CANCELLED, "cancelled; nothing was written").toException();
    }
  }
}
