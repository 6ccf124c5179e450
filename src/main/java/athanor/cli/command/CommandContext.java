package athanor.cli.command;

import athanor.cli.report.JobScreen;
import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Signals;
import athanor.cli.terminal.UserSession;
import athanor.error.Kind;
import athanor.file.OutputTarget;
import athanor.hub.Hub;
import athanor.job.input.RemoteInputs;
import athanor.job.session.Job;
import athanor.job.session.JobSettings;
import athanor.job.session.MergeJob;
import athanor.progress.Cancellation;
import athanor.recipe.MergeRequest;
import java.io.PrintStream;
import java.nio.file.Path;

/**
 * What every command gets from the process it runs in.
 *
 * @param out standard output
 * @param err standard error
 * @param cancellation set when the user stops the program
 * @param signals knows what a run leaves that is stopped
 * @param user environment, home folder, standard input
 */
public record CommandContext(
    PrintStream out,
    PrintStream err,
    Cancellation cancellation,
    Signals signals,
    UserSession user) {

  /** What jobs take from this process. */
  JobSettings settings(int threads) {
    return new JobSettings(user.environment(), user.home(), threads);
  }

  /** Runs a job and prints what it tells; returns what came out. */
  <R> R run(Job<R> job, Screen screen) {
    try (var heard = JobScreen.ofRun(screen, signals)) {
      return job.run(heard, cancellation);
    }
  }

  /**
   * Whether a file is the result of this very merge already, made by an earlier run and not older
   * than its inputs.
   */
  boolean isDone(MergeRequest request, Path file, JobSettings settings, Screen screen) {
    OutputTarget there = OutputTarget.of(file, true);
    try (var heard = JobScreen.ofRun(screen, signals)) {
      return new MergeJob(request, there, settings).isDone(heard, cancellation);
    }
  }

  /** Judges a job and prints what it tells; returns the exit code. */
  int rehearse(Job<?> job, Screen screen) {
    try (var heard = JobScreen.ofRehearsal(screen, signals)) {
      return job.judge(heard, cancellation).fits() ? 0 : Kind.INCOMPATIBLE.exitCode();
    }
  }

  /** The way to the hubs; what it has to say goes to the screen. Close it at the end. */
  Hub hub(Screen screen) {
    return Hub.open(user.hub(screen::note));
  }

  /** Inputs that may be links; opens the way to the hubs only if one is. */
  RemoteInputs remoteInputs(Screen screen) {
    return new RemoteInputs(() -> hub(screen), cancellation);
  }
}
