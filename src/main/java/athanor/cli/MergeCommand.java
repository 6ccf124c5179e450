package athanor.cli;

import athanor.file.OutputTarget;
import athanor.job.Fetching;
import athanor.job.LoraMergeRun;
import athanor.job.MergeRun;
import athanor.job.PreparedLoraMerge;
import athanor.job.PreparedMerge;
import athanor.job.RemoteInputs;
import athanor.kernel.Kernels;
import athanor.merge.MergeReport;
import athanor.progress.Progress;
import athanor.recipe.LoraInput;
import athanor.recipe.LoraMergeOptions;
import athanor.recipe.MergeMethod;
import athanor.recipe.MergeOptions;
import athanor.recipe.Precision;
import athanor.recipe.Recipe;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code athanor merge}: LoRAs into a checkpoint, or into one LoRA. */
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    description = "Merges LoRAs, each with a ratio, into a checkpoint, or into one LoRA.",
    footer = {
      "",
      "Examples:",
      "  athanor merge --base sd15.safetensors pixel.safetensors@0.6 ink.safetensors@0.4 \\",
      "                --out mine.safetensors",
      "  athanor merge --sd_model sd15.safetensors --save_to mine.safetensors \\",
      "                --models pixel.safetensors ink.safetensors --ratios 0.6 0.4",
      "  athanor merge pixel.safetensors@0.6 ink.safetensors@0.4 --out both.safetensors",
      "  athanor merge --base sd15.safetensors pixel.safetensors@0.6,te=0.3,lbw=OUTALL \\",
      "                --out mine.safetensors",
      "  athanor merge --base sd15.safetensors --prompt \"<lora:pixel:0.7:0.4:lbw=OUTALL>\" \\",
      "                --lora-dir loras --out mine.safetensors"
    })
final class MergeCommand implements Callable<Integer> {
  @Mixin private InputArguments inputs = new InputArguments();
  @Mixin private CheckpointEditOptions edits = new CheckpointEditOptions();
  @Mixin private ResultOptions result = new ResultOptions();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private LoraResultOptions loraResult = new LoraResultOptions();

  @Option(
      names = "--precision",
      paramLabel = "P",
      description = "Arithmetic: float (default), fp16 or bf16.")
  private @Nullable String precision;

  @Option(
      names = {"--save_precision", "--save-precision"},
      paramLabel = "P",
      description =
          "Stored weights: float, fp16 or bf16; default: as in the base, or the widest of the LoRAs.")
  private @Nullable String savePrecision;

  @Option(
      names = {"--no_metadata", "--no-metadata"},
      description = "Do not write how the result was made.")
  private boolean noMetadata;

  @Option(
      names = {"--skip-incompatible", "--skip_incompatible"},
      description = "Leave out LoRAs that do not fit instead of stopping.")
  private boolean skipIncompatible;

  @Option(
      names = {"--allow-non-finite", "--allow_non_finite"},
      description = "Write the result even if the merge overflowed somewhere.")
  private boolean allowNonFinite;

  @Option(
      names = {"--dry-run", "--dry_run"},
      description = "Check everything and say what would be done; write nothing.")
  private boolean dryRun;

  private final CommandContext context;

  MergeCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    try (RemoteInputs remote = context.remoteInputs(screen)) {
      if (inputs.nameLinks() || edits.nameLink()) {
        // What is wrong with the output is said before a server is asked.
        target();
      }
      inputs.locate(remote);
      edits.locate(remote);
      return run(remote, screen);
    }
  }

  private int run(RemoteInputs remote, Screen screen) {
    List<LoraInput> loras = inputs.loras(screen::note);
    result.noteDevice(screen);
    if (inputs.base().isEmpty()) {
      edits.refuseWithoutBase();
      LoraMergeOptions method = loraResult.parse(screen);
      var recipe = new Recipe(Optional.empty(), loras, options(), inputs.saysSd2());
      return mergeLoras(recipe, remote, method, target(), screen);
    }
    loraResult.refuseWithBase(screen);
    OutputTarget target = target();
    var recipe = new Recipe(inputs.base(), loras, options(), edits.edits(), inputs.saysSd2());
    if (dryRun && remote.refusal().isPresent()) {
      return new LinkReport(screen).printDeclared(recipe, remote);
    }
    if (!dryRun && !remote.all().isEmpty()) {
      bring(recipe, remote, target, screen);
    }
    try (PreparedMerge merge = PreparedMerge.of(recipe, remote)) {
      merge.warnings().forEach(screen::warn);
      merge.leftOut().forEach(screen::warn);
      if (!dryRun) {
        return merge(merge, target, screen);
      }
      forecast(merge, target, screen);
      new LinkReport(screen).print(remote.forecast());
      return 0;
    }
  }

  /** Fetches what was given as a link, after a verdict from the structure of the files alone. */
  private void bring(Recipe recipe, RemoteInputs remote, OutputTarget target, Screen screen) {
    Screen aside = screen.aside();
    try (var progress = ProgressDisplay.on(screen)) {
      new Fetching(remote, progress, new LinkReport(screen)::arrived)
          .run(
              recipe,
              first -> {
                try (PreparedMerge merge = PreparedMerge.of(recipe, remote)) {
                  if (first) {
                    forecast(merge, target, aside);
                    new LinkReport(aside).print(remote.forecast());
                  }
                  long bytes = run(Progress.NONE).forecast(merge, target).layout().size();
                  remote.forecast().requireSpace(target.path(), bytes);
                }
              });
    }
  }

  /** As {@link #bring}, without a base: the verdict is whether the LoRAs fit each other. */
  private void bringLoras(
      Recipe recipe,
      RemoteInputs remote,
      LoraMergeOptions method,
      OutputTarget target,
      Screen screen) {
    try (var progress = ProgressDisplay.on(screen)) {
      new Fetching(remote, progress, new LinkReport(screen)::arrived)
          .run(
              recipe,
              first -> {
                try (PreparedLoraMerge merge = PreparedLoraMerge.of(recipe, remote)) {
                  if (method.limits().keep().isPresent()) {
                    // The ranks to keep show in the values alone.
                    merge.loras();
                  } else {
                    loraRun(Progress.NONE).plan(merge, method, target.path());
                  }
                  if (first) {
                    new LinkReport(screen.aside()).print(remote.forecast());
                  }
                  remote.forecast().requireSpace(target.path(), 0);
                }
              });
    }
  }

  private int merge(PreparedMerge merge, OutputTarget target, Screen screen) {
    MergeReport report;
    try (var progress = ProgressDisplay.on(screen)) {
      report = run(progress).run(merge, target);
    }
    new MergeSummary(screen).print(merge, report);
    return 0;
  }

  private int mergeLoras(
      Recipe recipe,
      RemoteInputs remote,
      LoraMergeOptions method,
      OutputTarget target,
      Screen screen) {
    if (recipe.options().precision() != Precision.FLOAT && method.method() != MergeMethod.KOHYA) {
      screen.note("--precision matters to --method kohya only; LoRAs are merged in float32");
    }
    if (!dryRun && !remote.all().isEmpty()) {
      bringLoras(recipe, remote, method, target, screen);
    }
    var summary = new LoraMergeSummary(screen);
    try (PreparedLoraMerge merge = PreparedLoraMerge.of(recipe, remote)) {
      merge.warnings().forEach(screen::warn);
      if (dryRun) {
        new LoraTable(screen).print(merge);
      }
      try (var progress = ProgressDisplay.on(screen)) {
        LoraMergeRun run = loraRun(progress);
        if (dryRun) {
          summary.print(run.forecast(merge, method, target), target.path());
          new LinkReport(screen).print(remote.forecast());
        } else {
          summary.print(run.run(merge, method, target));
        }
      }
    }
    return 0;
  }

  private int forecast(PreparedMerge merge, OutputTarget target, Screen screen) {
    new CompatibilityTable(screen).print(merge);
    MergeRun.Forecast forecast = run(Progress.NONE).forecast(merge, target);
    new MergeSummary(screen).print(forecast, target.path());
    return 0;
  }

  private LoraMergeRun loraRun(Progress progress) {
    return new LoraMergeRun(
        Version.text(), Kernels.create(), result.threads(), progress, context.cancellation());
  }

  private MergeRun run(Progress progress) {
    return new MergeRun(
        Version.text(), Kernels.create(), result.threads(), progress, context.cancellation());
  }

  private OutputTarget target() {
    return result.target("mine.safetensors");
  }

  private MergeOptions options() {
    return new MergeOptions(
        precision == null ? Precision.FLOAT : ToolOptions.precision("--precision", precision),
        savePrecision == null || savePrecision.equalsIgnoreCase("none")
            ? Optional.empty()
            : Optional.of(ToolOptions.precision("--save_precision", savePrecision)),
        !noMetadata,
        skipIncompatible,
        allowNonFinite);
  }
}
