package athanor.cli;

import java.io.PrintStream;
import picocli.CommandLine.Option;

/** Options of every command: how much is said, and in which form. */
final class OutputOptions {
  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print results, warnings and errors only.")
  private boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      description = "Print every detail.")
  private boolean verbose;

  @Option(names = "--debug", hidden = true, description = "Print stack traces.")
  private boolean debug;

  boolean debug() {
    return debug;
  }

  Screen screen(PrintStream out, PrintStream err) {
    if (json) {
      return new Screen(out, err, Screen.Mode.JSON, debug);
    }
    if (quiet) {
      return new Screen(out, err, Screen.Mode.QUIET, debug);
    }
    return new Screen(out, err, verbose ? Screen.Mode.VERBOSE : Screen.Mode.NORMAL, debug);
  }
}
