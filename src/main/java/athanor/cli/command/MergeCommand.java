package athanor.cli.command;

import athanor.cli.help.Examples;
import athanor.cli.help.InGroup;
import athanor.cli.help.OptionGroup;
import athanor.cli.option.CheckpointEditOptions;
import athanor.cli.option.InputArguments;
import athanor.cli.option.MethodOptions;
import athanor.cli.option.OutputOptions;
import athanor.cli.option.PublishOptions;
import athanor.cli.option.ResultOptions;
import athanor.cli.option.ToolOptions;
import athanor.cli.terminal.Screen;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.hub.upload.RepoId;
import athanor.job.publish.PublishJob;
import athanor.job.publish.PublishSettings;
import athanor.job.publish.PublishedMerge;
import athanor.job.session.Job;
import athanor.job.session.JobSettings;
import athanor.job.session.MergeJob;
import athanor.job.session.MergeResult;
import athanor.job.session.RecordedMerge;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Precision;
import athanor.recipe.LoraRequest;
import athanor.recipe.MergeRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code athanor merge}: LoRAs and checkpoints into a checkpoint, or LoRAs into one LoRA. */
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    modelTransformer = MethodOptions.Parameters.class,
    description = {
      "Merges LoRAs and checkpoints, each with a ratio, into a checkpoint, or LoRAs into one LoRA.",
      "A1111's A is --base, its B --mix B@M (weighted sum) or --add B, its C --minus C."
    })
@Examples({
  "athanor merge --base sd15.safetensors pixel.safetensors@0.6 ink.safetensors@0.4 \\",
  "              --out mine.safetensors",
  "athanor merge --sd_model sd15.safetensors --save_to mine.safetensors \\",
  "              --models pixel.safetensors ink.safetensors --ratios 0.6 0.4",
  "athanor merge --base a.safetensors --mix b.safetensors@0.4 ink.safetensors@0.5 \\",
  "              --out mine.safetensors",
  "athanor merge pixel.safetensors@0.6 ink.safetensors@0.4 --out both.safetensors",
  "athanor merge --base sd15.safetensors pixel.safetensors@0.6,te=0.3,lbw=OUTALL \\",
  "              --out mine.safetensors",
  "athanor merge --base sd15.safetensors --prompt \"<lora:pixel:0.7:0.4:lbw=OUTALL>\" \\",
  "              --lora-dir loras --out mine.safetensors"
})
public final class MergeCommand implements Callable<Integer> {
  @Mixin private InputArguments inputs = new InputArguments();
  @Mixin private CheckpointEditOptions edits = new CheckpointEditOptions();
  @Mixin private ResultOptions result = new ResultOptions();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private PublishOptions publishing = new PublishOptions();
  @Mixin private MethodOptions methods = new MethodOptions();

  @InGroup(OptionGroup.RESULT)
  @Option(
      names = "--precision",
      paramLabel = "P",
      description = "Arithmetic: float (default), fp16 or bf16.")
  private @Nullable String precision;

  @InGroup(OptionGroup.RESULT)
  @Option(
      names = {"--save_precision", "--save-precision"},
      paramLabel = "P",
      description =
          "Stored weights: float, fp16 or bf16; default: as in the base, or the widest of the"
              + " LoRAs.")
  private @Nullable String savePrecision;

  @InGroup(OptionGroup.RESULT)
  @Option(
      names = {"--no_metadata", "--no-metadata"},
      description = "Do not write how the result was made.")
  private boolean noMetadata;

  @InGroup(OptionGroup.INPUTS)
  @Option(
      names = {"--skip-incompatible", "--skip_incompatible"},
      description = "Leave out LoRAs that do not fit instead of stopping.")
  private boolean skipIncompatible;

  @InGroup(OptionGroup.INPUTS)
  @Option(
      names = {"--allow-partial", "--allow_partial"},
      description = "Merge LoRAs of which more than half has no place in the base.")
  private boolean allowPartial;

  @InGroup(OptionGroup.RESULT)
  @Option(
      names = {"--allow-non-finite", "--allow_non_finite"},
      description = "Write the result even if the merge overflowed somewhere.")
  private boolean allowNonFinite;

  @InGroup(OptionGroup.RESULT)
  @Option(
      names = {"--dry-run", "--dry_run"},
      description = "Check everything and say what would be done; write nothing.")
  private boolean dryRun;

  @InGroup(OptionGroup.PUBLISHING)
  @Option(
      names = "--push",
      paramLabel = "USER/REPO",
      description =
          "Publish the result on the Hugging Face Hub; whether you may is asked before the merge.")
  private @Nullable String push;

  @InGroup(OptionGroup.RESULT)
  @Option(
      names = {"--recipe-out", "--recipe_out"},
      paramLabel = "FILE",
      description =
          "Also write the merge as a recipe (YAML) for athanor run, with the hash of every input;"
              + " files of this computer are read once more for that.")
  private @Nullable Path recipeOut;

  private final CommandContext context;

  MergeCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    MergeRequest request = request(screen);
    result.noteDevice(screen);
    JobSettings settings = context.settings(result.threads());
    Optional<PublishSettings> wanted = publishing();
    if (wanted.isPresent() && !dryRun && isDone(request, settings, screen)) {
      Path there = result.finished().orElseThrow();
      screen.note(there + ": made by this very merge already; going on with the upload");
      context.run(PublishJob.ofMerged(there, wanted.get(), settings), screen);
      return 0;
    }
    OutputTarget target =
        result.out().isEmpty() && inputs.output().isPresent()
            ? result.target(Path.of(inputs.output().get()))
            : result.target("mine.safetensors");
    Job<MergeResult> job =
        wanted.isPresent()
            ? new PublishedMerge(
                wanted.get(), target, made -> merge(request, made, settings), settings)
            : merge(request, target, settings);
    if (dryRun) {
      return context.rehearse(job, screen);
    }
    context.run(job, screen);
    return 0;
  }

  /** Whether an earlier run has made the result, and only the upload is missing. */
  private boolean isDone(MergeRequest request, JobSettings settings, Screen screen) {
    return recipeOut == null
        && result.finished().isPresent()
        && context.isDone(request, result.finished().get(), settings, screen);
  }

  private Optional<PublishSettings> publishing() {
    if (push == null && publishing.areGiven()) {
      throw Problem.usage("--private, --public, --card and the like say how to publish")
          .found("no --push")
          .help("say where: --push USER/REPO")
          .toException();
    }
    return Optional.ofNullable(push).map(repo -> publishing.settings(RepoId.parse(repo)));
  }

  private Job<MergeResult> merge(MergeRequest request, OutputTarget target, JobSettings settings) {
    return recipeOut == null
        ? new MergeJob(request, target, settings)
        : new RecordedMerge(request, target, recipeOut, result.overwrite(), settings);
  }

  private MergeRequest request(Screen screen) {
    List<LoraRequest> loras = inputs.loras(screen::note);
    if (inputs.base().isEmpty()) {
      edits.refuseWithoutBase();
    }
    return new MergeRequest(
        inputs.base(),
        inputs.mix(screen::note),
        loras,
        edits.vae(),
        edits.fixPositions(),
        options(),
        inputs.base().isPresent() ? methods.parseWithBase(screen) : methods.parse(screen),
        inputs.saysSd2());
  }

  private MergeOptions options() {
    return new MergeOptions(
        precision == null ? Precision.FLOAT : ToolOptions.precision("--precision", precision),
        Optional.ofNullable(savePrecision)
            .or(inputs::savingPrecision)
            .filter(name -> !name.equalsIgnoreCase("none"))
            .map(name -> ToolOptions.precision("--save_precision", name)),
        !noMetadata,
        skipIncompatible,
        allowNonFinite,
        allowPartial,
        edits.average());
  }
}
