package athanor.cli.command;

import athanor.cli.help.Examples;
import athanor.cli.option.InputArguments;
import athanor.cli.option.OutputOptions;
import athanor.cli.report.AnalysisTables;
import athanor.cli.terminal.Screen;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.job.session.AnalyzeJob;
import athanor.report.LoraAnalysis;
import athanor.report.page.AnalysisPage;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code athanor analyze}: what LoRAs do, alone and together, before anything is merged. */
@Command(
    name = "analyze",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what LoRAs do: how loud each is, where they fight or repeat each other, which rank would"
          + " be enough, what rounding leaves of them. Writes no model."
    })
@Examples({
  "athanor analyze pixel.safetensors@0.6 ink.safetensors@0.4",
  "athanor analyze --base sd15.safetensors pixel.safetensors ink.safetensors --html report.html"
})
public final class AnalyzeCommand implements Callable<Integer> {
  @Mixin private InputArguments inputs = new InputArguments();
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Also write a page with plots, which needs nothing but a browser.")
  private @Nullable Path html;

  @Option(names = "--overwrite", description = "Replace the page if it exists.")
  private boolean overwrite;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Workers; default: one per processor.")
  private int threads = Runtime.getRuntime().availableProcessors();

  private final CommandContext context;

  AnalyzeCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    if (threads < 1) {
      throw Problem.usage("--threads must be at least 1").found(threads).toException();
    }
    if (!inputs.mix(screen::note).isEmpty()) {
      throw Problem.usage("analyze looks at LoRAs, not at mixed checkpoints")
          .help("merge the checkpoints first, then give the result as --base")
          .toException();
    }
    Optional<OutputTarget> page =
        Optional.ofNullable(html).map(file -> OutputTarget.of(file, overwrite));
    var job =
        new AnalyzeJob(inputs.asked(screen::note), Path.of("analysis"), context.settings(threads));
    LoraAnalysis analysis = LoraAnalysis.of(context.run(job, screen));
    page.ifPresent(target -> target.write(AnalysisPage.of(analysis)));
    new AnalysisTables(screen).print(analysis);
    page.ifPresent(target -> screen.note("the page is in " + target.path()));
    return 0;
  }
}
