package athanor.job;

import athanor.file.OutputTarget;
import athanor.format.FileHashes;
import athanor.format.OutputFormat;
import athanor.kernel.Kernels;
import athanor.merge.engine.MemoryForecast;
import athanor.merge.engine.MergeEngine;
import athanor.merge.engine.ResultFile;
import athanor.merge.metadata.CheckpointMetadata;
import athanor.merge.metadata.Stamp;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.MergePlan;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.Provenance;
import athanor.recipe.WebuiRecipe;
import athanor.tensor.StateDict;
import athanor.tensor.StateDictLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Merges into a checkpoint: checks the output, writes it beside its name, verifies it, publishes
 * it.
 *
 * @param version the version of this program, for the recipe in the metadata
 * @param kernels the arithmetic
 * @param threads number of workers, at least 1
 * @param progress told of the advance
 * @param cancellation stops the run; nothing is left behind
 * @param stamp date and title of the result
 */
public record MergeRun(
    String version,
    Kernels kernels,
    int threads,
    Progress progress,
    Cancellation cancellation,
    Stamp stamp) {

  /** A run whose result has the newest date of its inputs, and its own name for a title. */
  public MergeRun(
      String version, Kernels kernels, int threads, Progress progress, Cancellation cancellation) {
    this(version, kernels, threads, progress, cancellation, Stamp.OF_INPUTS);
  }

  /**
   * The forecast of a merge.
   *
   * @param plan what would be done
   * @param layout the output file
   * @param freeBytes free disk space where it would go
   * @param memoryBytes memory that the merge needs at most
   */
  public record Forecast(MergePlan plan, StateDictLayout layout, long freeBytes, long memoryBytes)
      implements MergeForecast {
    @Override
    public long bytes() {
      return layout.size();
    }
  }

  /**
   * Plans a merge and checks that its output can be written, writing nothing.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the output cannot go there, of kind
   *     INCOMPATIBLE if the inputs do not fit, of kind RESOURCES if the disk or the heap is too
   *     small
   */
  public Forecast forecast(PreparedMerge merge, OutputTarget target) {
    MergePlan plan = merge.plan();
    target.refuseInputs(merge.files());
    StateDictLayout layout =
        OutputFormat.of(target.path()).layout(plan.outputs(), metadata(merge, plan, target.path()));
    target.requireSpace(layout.size());
    MemoryForecast.requireHeap(plan.tensors(), threads);
    return new Forecast(
        plan, layout, target.freeSpace(), MemoryForecast.bytes(plan.tensors(), threads));
  }

  /**
   * Runs the merge.
   *
   * @throws athanor.error.AthanorException as {@link #forecast}; of kind VERIFICATION if the merge
   *     created infinities that were not allowed or the written file is not what was planned; of
   *     kind BAD_FILE if an input changed or holds NaN factors; of kind CANCELLED
   */
  public MergeReport run(PreparedMerge merge, OutputTarget target) {
    Instant start = Instant.now();
    Forecast forecast = forecast(merge, target);
    MergePlan plan = forecast.plan();
    StateDictLayout layout = forecast.layout();
    var engine = new MergeEngine(kernels, threads, progress, cancellation);
    List<String> warnings = new ArrayList<>();
    var published =
        new ResultFile(target, layout, merge.files(), cancellation)
            .write(output -> {
              MergeOptions options = merge.recipe().options();
              MergeEngine.Findings findings =
                  engine.run("merging", plan.tensors(), options.precision(), layout, output);
              WrittenFile.judge(
                  findings,
                  "the merge",
                  "lower the ratio, or store wider: --save_precision float (or bf16)",
                  options.allowNonFinite(),
                  warnings);
              return findings;
            });
    return new MergeReport(
        target.path(),
        published.bytes(),
        published.sha256(),
        Duration.between(start, Instant.now()),
        plan,
        published.content(),
        warnings);
  }

  /**
   * Whether a file is the result of this very merge, which an earlier run made.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if the inputs do not fit
   */
  public boolean isResult(Path file, PreparedMerge merge) {
    return FinishedMerge.is(file, RecipeRecord.of(version, merge, merge.plan()), merge.files());
  }

  private Map<String, String> metadata(PreparedMerge merge, MergePlan plan, Path output) {
    if (!merge.recipe().options().writeMetadata()) {
      return CheckpointMetadata.inherited(plan.base().metadata());
    }
    Provenance made = RecipeRecord.of(version, merge, plan);
    Map<String, String> metadata = CheckpointMetadata.of(plan, output, made.toJson(), stamp);
    Map<String, String> hashes = legacyHashes(plan);
    metadata.putAll(
        WebuiRecipe.entries(
            made, stamp.titleOf(output), input -> Optional.ofNullable(hashes.get(input.name()))));
    return metadata;
  }

  /** The short hashes of old web UIs, by file name, of the checkpoints that are here. */
  private static Map<String, String> legacyHashes(MergePlan plan) {
    Map<String, String> hashes = new HashMap<>();
    if (!plan.mix().models().isEmpty()) {
      plan.checkpoints()
          .filter(StateDict::isHere)
          .forEach(file -> hashes.put(file.name(), FileHashes.autoV1(file.files().getFirst())));
    }
    return hashes;
  }
}
