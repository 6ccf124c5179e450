package athanor.testkit.disk;

import java.util.Set;

/**
 * What goes wrong.
 *
 * @param effect how
 * @param operations the operations that are counted and may be spoilt
 * @param from the number of the first of them that is spoilt, from 1
 * @param lasting whether all later ones are spoilt too
 */
public record Fault(Effect effect, Set<Operation> operations, int from, boolean lasting) {

  /** How an operation is spoilt. */
  public enum Effect {
    /** EIO. */
    ERROR("Input/output error"),
    /** ENOSPC. */
    FULL("No space left on device"),
    /** Half of the bytes, at least one, and no failure. */
    HALF(""),
    /** The process ends at once, before the operation, as SIGKILL ends it. */
    KILL("");

    private final String reason;

    Effect(String reason) {
      this.reason = reason;
    }

    /** What the system says. */
    public String reason() {
      return reason;
    }
  }

  /** Nothing goes wrong; these operations are counted. */
  public static Fault none(Set<Operation> counted) {
    return new Fault(Effect.ERROR, counted, Integer.MAX_VALUE, false);
  }
}
