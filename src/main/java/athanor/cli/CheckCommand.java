package athanor.cli;

import athanor.error.Problem;
import athanor.job.PreparedMerge;
import athanor.job.RemoteInputs;
import athanor.recipe.MergeOptions;
import athanor.recipe.Recipe;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code athanor check}: do these LoRAs fit this base, and why not. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = "Says whether LoRAs fit a checkpoint, and why not; writes nothing.",
    footer = {
      "",
      "Example:",
      "  athanor check --base sd15.safetensors pixel.safetensors ink.safetensors"
    })
final class CheckCommand implements Callable<Integer> {
  @Mixin private InputArguments inputs = new InputArguments();
  @Mixin private OutputOptions output = new OutputOptions();

  private final CommandContext context;

  CheckCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    if (inputs.base().isEmpty()) {
      throw Problem.incompatible("checking LoRAs without a base checkpoint is not supported yet")
          .help("give the checkpoint they are for: --base FILE")
          .toException();
    }
    try (RemoteInputs remote = context.remoteInputs(screen)) {
      inputs.locate(remote);
      return check(remote, screen);
    }
  }

  private int check(RemoteInputs remote, Screen screen) {
    Recipe recipe =
        new Recipe(inputs.base(), inputs.loras(), MergeOptions.defaults(), inputs.saysSd2());
    if (remote.refusal().isPresent()) {
      return new LinkReport(screen).printDeclared(recipe, remote);
    }
    try (PreparedMerge merge = PreparedMerge.of(recipe, remote)) {
      merge.warnings().forEach(screen::warn);
      new CompatibilityTable(screen).print(merge);
      new LinkReport(screen).print(remote.forecast());
      return merge.refusal().map(problem -> problem.kind().exitCode()).orElse(0);
    }
  }
}
