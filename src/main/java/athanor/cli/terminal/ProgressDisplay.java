package athanor.cli.terminal;

import athanor.progress.Progress;

/** How a command shows the advance of its work; closed when the work is over. */
public interface ProgressDisplay extends Progress, AutoCloseable {
  /**
   * One line that is rewritten on a terminal; elsewhere a plain line, or a JSON object with {@code
   * --json}, at most every five seconds; nothing with {@code -q}. With {@code --debug} also the
   * time of each stage.
   */
  static ProgressDisplay on(Screen screen) {
    ProgressDisplay shown = shown(screen);
    return screen.isDebugging() ? new TimedProgress(shown, screen) : shown;
  }

  private static ProgressDisplay shown(Screen screen) {
    return switch (screen.mode()) {
      case QUIET -> new ProgressLog(line -> {}, ProgressLog.Form.PLAIN);
      case JSON -> new ProgressLog(screen.err()::println, ProgressLog.Form.JSON);
      case NORMAL, VERBOSE ->
          Terminal.isStandardErrorATerminal()
              ? new ProgressLine(screen.err(), Terminal.followed(), System::nanoTime)
              : new ProgressLog(screen.err()::println, ProgressLog.Form.PLAIN);
    };
  }

  @Override
  void close();
}
