package athanor.cli.command;

import athanor.cli.report.JobScreen;
import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Signals;
import athanor.cli.terminal.UserSession;
import athanor.error.Kind;
import athanor.hub.Hub;
import athanor.job.input.RemoteInputs;
import athanor.job.session.Job;
import athanor.job.session.JobSettings;
import athanor.progress.Cancellation;
import java.io.PrintStream;

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
