package athanor.cli.command;

import athanor.cli.option.OutputOptions;
import athanor.cli.report.InspectReport;
import athanor.cli.terminal.ProgressDisplay;
import athanor.cli.terminal.Screen;
import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.format.FileHashes;
import athanor.hub.Fetched;
import athanor.hub.Link;
import athanor.job.input.RemoteInput;
import athanor.job.input.RemoteInputs;
import athanor.job.inspect.Inspection;
import athanor.job.inspect.RemoteInspection;
import athanor.job.inspect.WeightScan;
import athanor.report.InspectedFile;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code athanor inspect}: what a file is. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = "Says what a file is: architecture, kind, rank, types, health, metadata, hashes.")
public final class InspectCommand implements Callable<Integer> {
  private static final int DAMAGED = Kind.BAD_FILE.exitCode();

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Any files or links.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--hash",
      description = "Also compute SHA-256 and the AutoV1, AutoV2 and AutoV3 hashes.")
  private boolean hash;

  @Option(
      names = "--scan",
      description = {
        "Also read every weight: NaN, infinite, all zero, wrong",
        "checksums. Exit code 4 if there is NaN, Inf or damage."
      })
  private boolean scan;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Workers of --scan; default: one per processor.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Mixin private OutputOptions output = new OutputOptions();

  private final CommandContext context;

  InspectCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    if (threads < 1) {
      throw Problem.usage("--threads must be at least 1").found(threads).toException();
    }
    try (RemoteInputs remote = context.remoteInputs(screen)) {
      return inspect(remote, screen);
    }
  }

  private int inspect(RemoteInputs remote, Screen screen) {
    int code = 0;
    for (String file : files) {
      try {
        code =
            Math.max(
                code,
                Link.looksLikeLink(file)
                    ? inspectLink(remote, screen, file)
                    : inspectFile(remote, screen, file));
      } catch (AthanorException e) {
        if (e.problem().kind() == Kind.CANCELLED) {
          throw e;
        }
        code = Math.max(code, e.problem().kind().exitCode());
        printProblem(screen, e.problem());
      }
    }
    return code;
  }

  private int inspectFile(RemoteInputs remote, Screen screen, String file) {
    Path path = Path.of(file);
    return print(new Subject(file, path, Optional.of(path)), Inspection.of(path), remote, screen);
  }

  private int inspectLink(RemoteInputs remote, Screen screen, String link) {
    Path place = Objects.requireNonNull(remote.find(List.of(link)).get(link));
    RemoteInput input = remote.at(place).orElseThrow();
    String shown = input.file().asked();
    Optional<Path> local = input.fetched().map(Fetched::path);
    if (scan && local.isEmpty()) {
      throw Problem.usage("--scan reads every weight, and this file is not here yet")
          .at(shown)
          .help("download it and inspect the file: athanor get " + shown)
          .toException();
    }
    var subject = new Subject(shown, place, local);
    return print(subject, RemoteInspection.of(remote, place), remote, screen);
  }

  /**
   * What is inspected.
   *
   * @param name what to call it
   * @param place what opens it
   * @param local where its bytes are, empty if not on this computer
   */
  private record Subject(String name, Path place, Optional<Path> local) {}

  private int print(Subject subject, Inspection inspection, RemoteInputs remote, Screen screen) {
    Optional<Path> local = subject.local();
    Optional<FileHashes> hashes = local.filter(_ -> hash).map(path -> hashes(screen, path));
    Optional<WeightScan> weights =
        local.filter(_ -> scan).map(_ -> scan(remote, subject.place(), screen));
    if (hash && local.isEmpty()) {
      screen.note(
          subject.name()
              + ": hashes of a link are those of its listing; athanor get verifies them");
    }
    InspectedFile file = InspectedFile.of(subject.name(), inspection, hashes, weights);
    if (screen.isJson()) {
      screen.result(file);
    } else {
      new InspectReport(screen).print(file);
    }
    return file.scan().filter(found -> !found.sound()).map(_ -> DAMAGED).orElse(0);
  }

  private WeightScan scan(RemoteInputs remote, Path file, Screen screen) {
    try (StateDict open = remote.open(file, note -> {});
        var progress = ProgressDisplay.on(screen)) {
      return WeightScan.of(open, threads, progress, context.cancellation());
    }
  }

  private static FileHashes hashes(Screen screen, Path file) {
    try (InputFile input = InputFile.open(file);
        var progress = ProgressDisplay.on(screen)) {
      return FileHashes.of(input, progress);
    }
  }

  private static void printProblem(Screen screen, Problem problem) {
    if (screen.isJson()) {
      screen.error(problem);
    } else {
      screen.resultProblem(problem);
    }
  }
}
