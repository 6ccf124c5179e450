package athanor.cli.terminal;

import java.util.function.IntSupplier;

/** What the launcher found out about the terminal; Java itself cannot ask about standard error. */
public final class Terminal {
  private static final int NARROWEST = 20;

  /** Columns; 0 where standard error is no terminal. */
  private static final int WIDTH = Integer.getInteger("athanor.terminal.width", 0);

  /** Help is as wide as the terminal, but long lines are hard to read. */
  private static final int WIDEST_HELP = 100;

  private Terminal() {}

  /** Columns for help: those of the terminal, at most 100; 100 where there is none. */
  public static int helpWidth() {
    return WIDTH == 0 ? WIDEST_HELP : Math.min(width(), WIDEST_HELP);
  }

  static boolean isStandardErrorATerminal() {
    return WIDTH > 0;
  }

  static int width() {
    return Math.max(NARROWEST, WIDTH);
  }

  /** The width of the window, also after it was resized; where that cannot be told, as at first. */
  static IntSupplier followed() {
    return new WindowWidth(width(), NARROWEST);
  }
}
