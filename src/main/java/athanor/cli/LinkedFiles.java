package athanor.cli;

import athanor.file.OutputTarget;
import athanor.job.input.Bringing;
import athanor.job.input.RemoteInputs;

/** Brings the inputs of a command that writes one file, and says so. */
final class LinkedFiles {
  private LinkedFiles() {}

  /**
   * Fetches all inputs that are links, after a verdict; does nothing if there are none.
   *
   * @throws athanor.error.AthanorException as {@link Bringing#run}
   */
  static void bring(
      RemoteInputs remote, OutputTarget target, Screen screen, Bringing.Verdict verdict) {
    if (remote.all().isEmpty()) {
      return;
    }
    Signals.outcome("no result was written; what was downloaded is kept for the next run");
    var report = new LinkReport(screen);
    new LinkReport(screen.aside()).print(remote.forecast());
    try (var progress = ProgressDisplay.on(screen)) {
      new Bringing(remote, progress, report::arrived).run(target, verdict);
    }
  }
}
