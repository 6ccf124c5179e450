package athanor.error;

/** The category of a {@link Problem}; it fixes the exit code of the command line. */
public enum Kind {
  /** The request itself is wrong: an option, a count, an output name. */
  USAGE(2),
  /** The inputs are sound but do not fit together, or nothing would change. */
  INCOMPATIBLE(3),
  /** A file is missing, unreadable, damaged or not what it claims to be. */
  BAD_FILE(4),
  /** The network failed, or a server refused. */
  NETWORK(5),
  /** Too little disk space or memory, found before the work begins. */
  RESOURCES(6),
  /** The result failed its verification; nothing was published. */
  VERIFICATION(7),
  /** The user stopped the run. */
  CANCELLED(130),
  /** A defect of this program. */
  BUG(70);

  private final int exitCode;

  Kind(int exitCode) {
    this.exitCode = exitCode;
  }

  /** The process exit code for a problem of this kind. */
  public int exitCode() {
    return exitCode;
  }
}
