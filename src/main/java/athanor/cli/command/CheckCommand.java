package athanor.cli.command;

import athanor.cli.help.Examples;
import athanor.cli.option.InputArguments;
import athanor.cli.option.OutputOptions;
import athanor.cli.report.JobScreen;
import athanor.cli.terminal.Screen;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.job.session.CheckJob;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code athanor check}: do these LoRAs fit this base, or each other, and why not. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description =
        "Says whether LoRAs fit a checkpoint, or each other, and why not; writes nothing.")
@Examples({
  "athanor check --base sd15.safetensors pixel.safetensors ink.safetensors",
  "athanor check pixel.safetensors ink.safetensors"
})
public final class CheckCommand implements Callable<Integer> {
  @Mixin private InputArguments inputs = new InputArguments();
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(
      names = {"--rank", "--new_rank", "--new-rank"},
      paramLabel = "N",
      description = "Without a base: the rank to forecast; default: the largest of the LoRAs.")
  private @Nullable Integer rank;

  private final CommandContext context;

  CheckCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    var job =
        new CheckJob(
            inputs.asked(screen::note),
            rank == null ? OptionalInt.empty() : OptionalInt.of(rank),
            context.settings(1));
    try (var heard = JobScreen.ofRehearsal(screen, context.signals())) {
      CheckJob.Verdict verdict = job.run(heard, context.cancellation());
      return verdict.fits()
          ? 0
          : verdict.refusal().map(Problem::kind).orElse(Kind.INCOMPATIBLE).exitCode();
    }
  }
}
