package athanor.net;

/** The bytes so far are of no use: the server ignores ranges, or the file was replaced. */
final class StartOver extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean ranged;

  StartOver(String why, boolean ranged) {
    super(why, null, false, false);
    this.ranged = ranged;
  }

  /** Whether it still makes sense to ask for ranges. */
  boolean ranged() {
    return ranged;
  }
}
