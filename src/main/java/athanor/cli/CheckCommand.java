package athanor.cli;

import athanor.error.Problem;
import athanor.job.LoraMergeRun;
import athanor.job.LoraOutlook;
import athanor.job.PreparedLoraMerge;
import athanor.job.PreparedMerge;
import athanor.job.input.RemoteInputs;
import athanor.kernel.Kernels;
import athanor.merge.method.LoraMethods;
import athanor.merge.method.Sum;
import athanor.merge.plan.MergeOptions;
import athanor.progress.Progress;
import athanor.recipe.MergeRequest;
import athanor.recipe.Recipe;
import java.nio.file.Path;
import java.util.Optional;
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
        "Says whether LoRAs fit a checkpoint, or each other, and why not; writes nothing.",
    footer = {
      "",
      "Examples:",
      "  athanor check --base sd15.safetensors pixel.safetensors ink.safetensors",
      "  athanor check pixel.safetensors ink.safetensors"
    })
final class CheckCommand implements Callable<Integer> {
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
    try (RemoteInputs remote = context.remoteInputs(screen)) {
      Recipe recipe = remote.locate(request(screen));
      return recipe.base().isPresent()
          ? check(recipe, remote, screen)
          : checkLoras(recipe, remote, screen);
    }
  }

  private MergeRequest request(Screen screen) {
    return new MergeRequest(
        inputs.base(),
        inputs.loras(screen::note),
        Optional.empty(),
        false,
        MergeOptions.defaults(),
        inputs.base().isPresent() ? new Sum() : LoraMethods.standard(),
        inputs.saysSd2());
  }

  private int check(Recipe recipe, RemoteInputs remote, Screen screen) {
    if (remote.unreadable().isPresent()) {
      return new LinkReport(screen).printDeclared(recipe, remote);
    }
    try (PreparedMerge merge = PreparedMerge.of(recipe, remote)) {
      merge.warnings().forEach(screen::warn);
      new CompatibilityTable(screen).print(merge);
      new LinkReport(screen).print(remote.forecast());
      return merge.refusal().map(problem -> problem.kind().exitCode()).orElse(0);
    }
  }

  private int checkLoras(Recipe recipe, RemoteInputs remote, Screen screen) {
    try (PreparedLoraMerge merge = PreparedLoraMerge.of(recipe, remote)) {
      merge.warnings().forEach(screen::warn);
      var table = new CompatibilityTable(screen);
      table.print(merge);
      Optional<Problem> refusal = merge.refusal();
      if (refusal.isPresent()) {
        return refusal.get().kind().exitCode();
      }
      var run =
          new LoraMergeRun(
              Version.text(), Kernels.create(), 1, Progress.NONE, context.cancellation());
      OptionalInt shown = rank == null ? OptionalInt.empty() : OptionalInt.of(rank);
      table.print(LoraOutlook.of(run, merge, shown, Path.of("merged.safetensors")));
      new LinkReport(screen).print(remote.forecast());
      return 0;
    }
  }
}
