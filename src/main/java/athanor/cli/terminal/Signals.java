package athanor.cli.terminal;

import athanor.job.session.Leftover;
import athanor.progress.Cancellation;
import java.io.PrintStream;

/**
 * Ctrl-C and termination of one program: the work is asked to stop, unfinished outputs are removed
 * (by {@code athanor.file}), and the process ends with 128 plus the signal's number, 130 for
 * Ctrl-C. Thread-safe.
 */
public final class Signals {
  private volatile boolean ended;
  private volatile Leftover leftover = Leftover.NOTHING;

  /** From now on, stopping the process requests this cancellation and says what is left. */
  public void request(Cancellation cancellation, PrintStream err) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  if (!ended) {
                    cancellation.request();
                    err.println();
                    err.println("athanor: cancelled; " + leftover.sentence());
                  }
                },
                "say-cancelled"));
  }

  /** From now on this is what a cancelled run leaves. */
  public void leaves(Leftover left) {
    leftover = left;
  }

  /** From now on the end of the process is the ordinary one. */
  public void commandHasEnded() {
    ended = true;
  }
}
