package athanor.cli;

import athanor.progress.Cancellation;
import java.io.PrintStream;

/**
 * Ctrl-C and termination: the work is asked to stop, unfinished outputs are removed (by {@code
 * athanor.file}), and the process ends with 128 plus the signal's number, 130 for Ctrl-C.
 */
final class Signals {
  private static volatile boolean ended;
  private static volatile String outcome = "nothing was written";

  private Signals() {}

  static void onInterrupt(Cancellation cancellation, PrintStream err) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  if (!ended) {
                    cancellation.request();
                    err.println();
                    err.println("athanor: cancelled; " + outcome);
                  }
                },
                "say-cancelled"));
  }

  /** From now on this is what a cancelled run leaves. */
  static void outcome(String sentence) {
    outcome = sentence;
  }

  /** From now on the end of the process is the ordinary one. */
  static void commandHasEnded() {
    ended = true;
  }
}
