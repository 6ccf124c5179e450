package athanor.cli;

import athanor.hub.Hub;
import athanor.job.input.RemoteInputs;
import athanor.progress.Cancellation;
import java.io.PrintStream;

/**
 * What every command gets from the process it runs in.
 *
 * @param out standard output
 * @param err standard error
 * @param cancellation set when the user stops the program
 * @param surroundings environment, home folder, standard input
 */
record CommandContext(
    PrintStream out, PrintStream err, Cancellation cancellation, Surroundings surroundings) {

  /** The way to the hubs; what it has to say goes to the screen. Close it at the end. */
  Hub hub(Screen screen) {
    return Hub.open(surroundings.hub(screen::note));
  }

  /** Inputs that may be links; opens the way to the hubs only if one is. */
  RemoteInputs remoteInputs(Screen screen) {
    return new RemoteInputs(() -> hub(screen), cancellation);
  }
}
