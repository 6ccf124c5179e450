package athanor.cli.option;

import athanor.cli.help.InGroup;
import athanor.cli.help.OptionGroup;
import athanor.cli.terminal.Screen;
import java.io.PrintStream;
import picocli.CommandLine.Option;

/** Options of every command: how much is said, and in which form. */
@InGroup(OptionGroup.OUTPUT)
public final class OutputOptions {
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

  @Option(
      names = "--debug",
      description = "For bug reports: also print the time of each stage, and stack traces.")
  private boolean debug;

  public Screen screen(PrintStream out, PrintStream err) {
    return new Screen(out, err, mode(), debug);
  }

  private Screen.Mode mode() {
    if (json) {
      return Screen.Mode.JSON;
    }
    if (quiet) {
      return Screen.Mode.QUIET;
    }
    return verbose ? Screen.Mode.VERBOSE : Screen.Mode.NORMAL;
  }
}
