package athanor.cli.command;

import athanor.cli.help.Examples;
import athanor.cli.option.OutputOptions;
import athanor.cli.report.DiffReport;
import athanor.cli.report.JobScreen;
import athanor.cli.terminal.Screen;
import athanor.error.Problem;
import athanor.job.session.DiffJob;
import athanor.report.ComparedFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code athanor diff}: how far two checkpoints are from each other. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = {
      "Says how far two checkpoints are from each other, by component, block and weight.",
      "The change is ‖B − A‖ / ‖A‖; identical is what has the same values in both.",
      ""
    })
@Examples("athanor diff sd15.safetensors mine.safetensors")
public final class DiffCommand implements Callable<Integer> {
  @Parameters(arity = "0..*", paramLabel = "FILE", description = "Two checkpoints, A and B.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many of the largest changes to list; default 10.")
  private int top = 10;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Workers; default: one per processor. The result is the same.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Mixin private OutputOptions output = new OutputOptions();

  private final CommandContext context;

  DiffCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    if (files.size() != 2) {
      throw Problem.usage("diff compares two checkpoints")
          .found(files.size() == 1 ? "1 file" : files.size() + " files")
          .help("athanor diff a.safetensors b.safetensors")
          .toException();
    }
    if (threads < 1) {
      throw Problem.usage("--threads must be at least 1").found(threads).toException();
    }
    var job = new DiffJob(files.get(0), files.get(1), context.settings(threads));
    DiffJob.Compared compared;
    try (var heard = JobScreen.ofRun(screen, context.signals())) {
      compared = job.run(heard, context.cancellation());
    }
    new DiffReport(screen).print(ComparedFiles.of(compared, Math.max(0, top)));
    return 0;
  }
}
