package athanor.cli;

import athanor.cli.command.Athanor;
import athanor.cli.command.CommandContext;
import athanor.cli.command.CommandFactory;
import athanor.cli.command.Commands;
import athanor.cli.help.HelpPage;
import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Signals;
import athanor.cli.terminal.Sizes;
import athanor.cli.terminal.Terminal;
import athanor.cli.terminal.UserSession;
import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.MaskedText;
import athanor.error.Problem;
import athanor.job.ProgramVersion;
import athanor.progress.Cancellation;
import athanor.report.Event;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Runs a command line and turns every failure into a message and an exit code: 0 ok, 2 usage, 3
 * does not fit, 4 unreadable file, 5 network, 6 too little disk or memory, or lost output, 7 failed
 * verification, 130 cancelled.
 */
public final class Main {
  /** The one section of picocli's help, which is a page of ours. */
  private static final String PAGE = "page";

  private final PrintStream out;
  private final PrintStream err;
  private final UserSession user;
  private final Cancellation cancellation = new Cancellation();
  private final Signals signals = new Signals();

  /** A program that prints to these streams. */
  Main(PrintStream out, PrintStream err) {
    this(out, err, UserSession.ofProcess());
  }

  /** A program that prints to these streams and takes the rest from this user's session. */
  Main(PrintStream out, PrintStream err, UserSession user) {
    this.out = out;
    this.err = err;
    this.user = user;
  }

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] args) {
    var main = new Main(System.out, System.err);
    main.signals.request(main.cancellation, System.err);
    String rehearsal = System.getProperty(Rehearsal.FOLDER);
    int code = rehearsal == null ? main.run(args) : Rehearsal.run(Path.of(rehearsal));
    main.signals.commandHasEnded();
    System.out.flush();
    System.exit(code);
  }

  /** Runs a command line; returns its exit code. */
  int run(String... args) {
    MaskedText.neverShowAfterOptions(args);
    List<String> words = Arrays.asList(args);
    Screen.Mode mode = words.contains("--json") ? Screen.Mode.JSON : Screen.Mode.NORMAL;
    Screen plain = new Screen(out, err, mode, words.contains("--debug"));
    long begun = System.nanoTime();
    if (plain.isDebugging()) {
      plain.debug(program());
    }
    int code = requireOutput(plain, run(plain, args));
    plain.debug(String.format(Locale.ROOT, "exit code %d after %.3f s", code, seconds(begun)));
    return code;
  }

  private int run(Screen plain, String[] args) {
    try {
      if (args.length == 0) {
        out.print(Commands.startPage(Terminal.helpWidth()));
        return 0;
      }
      refuseBlanks(args);
      return execute(plain, Invocation.of(args));
    } catch (AthanorException e) {
      plain.debug(e);
      return report(plain, e.problem());
    } catch (OutOfMemoryError e) {
      plain.debug(e);
      return report(
          plain,
          Problem.of(Kind.RESOURCES, "Java ran out of memory; nothing was written")
              .help("allow more: ATHANOR_JAVA_OPTIONS=-Xmx4g, or use --threads 1"));
    }
  }

  /** A command whose results did not arrive has failed, even if all else went well. */
  private int requireOutput(Screen plain, int code) {
    if (!out.checkError()) {
      return code;
    }
    Problem lost =
        Problem.of(Kind.RESOURCES, "standard output could not be written; a part of it is lost");
    if (code == 0) {
      return report(plain, lost.help("the work itself is done; files that it made are in place"));
    }
    report(plain, lost);
    return code;
  }

  private static double seconds(long begun) {
    return (System.nanoTime() - begun) / 1e9;
  }

  private static String program() {
    Runtime runtime = Runtime.getRuntime();
    return String.join(
        ", ",
        "athanor " + ProgramVersion.text(),
        "Java " + Runtime.version(),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        runtime.availableProcessors() + " processors",
        Sizes.bytes(runtime.maxMemory()) + " heap");
  }

  private int execute(Screen plain, Invocation invocation) {
    var factory = new CommandFactory(new CommandContext(out, err, cancellation, signals, user));
    var program = new CommandLine(new Athanor(), factory);
    CommandSpec asked =
        invocation
            .command()
            .map(command -> factory.add(command, program).getCommandSpec())
            .orElse(program.getCommandSpec());
    program.setOut(new PrintWriter(out, true, out.charset()));
    program.setErr(new PrintWriter(err, true, err.charset()));
    program.setHelpSectionKeys(List.of(PAGE));
    program.setHelpSectionMap(Map.of(PAGE, help -> page(help.commandSpec())));
    program.setCaseInsensitiveEnumValuesAllowed(true);
    program.setParameterExceptionHandler((e, args) -> report(plain, UsageProblems.of(e)));
    program.setExecutionExceptionHandler((e, command, result) -> failed(plain, e));
    var typed = new TypedArguments(asked.optionsMap().keySet(), user.home(), plain::note);
    return program.execute(typed.meant(invocation.arguments()));
  }

  private static String page(CommandSpec command) {
    int width = Terminal.helpWidth();
    return command.userObject() instanceof Athanor
        ? Commands.overview(width)
        : HelpPage.of(command, width);
  }

  private int failed(Screen plain, Exception failure) {
    if (failure instanceof AthanorException e) {
      if (cancellation.isRequested()) {
        return Kind.CANCELLED.exitCode();
      }
      plain.debug(e);
      return report(plain, e.problem());
    }
    if (failure instanceof InvalidPathException e) {
      return report(
          plain,
          Problem.usage("this cannot be a file name here (" + e.getReason() + ")")
              .at(e.getInput())
              .help("names in other scripts need a UTF-8 locale: set LC_ALL=C.UTF-8"));
    }
    String trace = MaskedText.ofFailure(failure);
    if (plain.isJson()) {
      plain.event(new Event.Debug(trace));
    } else {
      err.print(trace);
    }
    return report(
        plain,
        Problem.of(Kind.BUG, "a defect of this program: " + failure)
            .help("please report it with the lines above"));
  }

  private static int report(Screen screen, Problem problem) {
    screen.error(problem);
    return problem.kind().exitCode();
  }

  /** A backslash followed by a blank does not continue a line: the shell passes a blank on. */
  private static void refuseBlanks(String[] args) {
    for (int i = 0; i < args.length; i++) {
      if (args[i].isBlank()) {
        throw Problem.usage(
                "argument "
                    + (i + 1)
                    + (i == 0 ? "" : ", after " + args[i - 1] + ",")
                    + " consists of nothing but blanks")
            .help(
                "a backslash continues a line only as its very last character: delete the blanks"
                    + " after it")
            .toException();
      }
    }
  }
}
