package athanor.cli.terminal;

/** What the launcher found out about the terminal; Java itself cannot ask about standard error. */
public final class Terminal {
  private static final int NARROWEST = 20;

  /** Columns; 0 where standard error is no terminal. */
  private static final int WIDTH = Integer.getInteger("athanor.terminal.width", 0);

  private Terminal() {}

  static boolean isStandardErrorATerminal() {
    return WIDTH > 0;
  }

  static int width() {
    return Math.max(NARROWEST, WIDTH);
  }
}
