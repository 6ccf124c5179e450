package athanor.job;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.kernel.Kernels;
import athanor.merge.engine.MemoryForecast;
import athanor.merge.lora.writing.LoraWriter;
import athanor.merge.metadata.MergedLoraMetadata;
import athanor.merge.metadata.Stamp;
import athanor.merge.method.HistoricSum;
import athanor.merge.method.LoraContributions;
import athanor.merge.method.LoraMergePlan;
import athanor.merge.method.LoraMethod;
import athanor.model.Architecture;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.LoraInput;
import athanor.tensor.StateDictLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Merges LoRAs into one LoRA: plans, writes beside the output's name, verifies, publishes.
 *
 * @param version the version of this program, for the recipe in the metadata
 * @param kernels the arithmetic
 * @param threads number of workers, at least 1
 * @param progress told of the advance
 * @param cancellation stops the run; nothing is left behind
 * @param stamp date and title of the result
 */
public record LoraMergeRun(
    String version,
    Kernels kernels,
    int threads,
    Progress progress,
    Cancellation cancellation,
    Stamp stamp) {

  /** A run whose result has the newest date of its inputs, and its own name for a title. */
  public LoraMergeRun(
      String version, Kernels kernels, int threads, Progress progress, Cancellation cancellation) {
    this(version, kernels, threads, progress, cancellation, Stamp.OF_INPUTS);
  }

  /**
   * The forecast of a merge.
   *
   * @param plan what would be done
   * @param bytes size of the output
   * @param freeBytes free disk space where it would go
   * @param memoryBytes memory that the merge needs at most
   */
  public record Forecast(LoraMergePlan plan, long bytes, long freeBytes, long memoryBytes)
      implements MergeForecast {}

  /**
   * Plans a merge. Reads values only if a share of energy is to be kept.
   *
   * @param output where the result would go, for messages
   * @throws AthanorException of kind INCOMPATIBLE if the inputs do not fit each other or the method
   */
  public LoraMergePlan plan(PreparedLoraMerge merge, LoraMethod method, Path output) {
    var loras = merge.loras();
    Architecture architecture = merge.architecture().orElseThrow();
    try {
      return LoraMergePlan.of(
          method,
          new LoraContributions(
              architecture,
              loras,
              merge.recipe().options(),
              new LoraContributions.Measuring(kernels, threads, progress, cancellation)));
    } catch (AthanorException e) {
      if (method instanceof HistoricSum && e.problem().help().isEmpty()) {
        throw withExactCommand(e.problem(), merge, output).toException();
      }
      throw e;
    }
  }

  /** Names every LoRA with its ranks, and the command that merges them at any ranks. */
  private static Problem withExactCommand(Problem problem, PreparedLoraMerge merge, Path output) {
    List<LoraInput> inputs =
        merge.candidates().stream().filter(Candidate::fits).map(Candidate::input).toList();
    String ranks =
        merge.candidates().stream()
            .filter(Candidate::fits)
            .map(RankList::of)
            .collect(Collectors.joining("; "));
    String found = problem.found().map(first -> "; " + first).orElse("");
    return problem
        .found(ranks + found)
        .help(
            "merge their effects exactly, at any ranks: " + CommandLineText.merge(inputs, output));
  }

  /**
   * Checks that the output of a planned merge can be written, writing nothing.
   *
   * @throws AthanorException of kind USAGE if the output cannot go there, of kind RESOURCES if the
   *     disk or the heap is too small
   */
  public Forecast forecast(PreparedLoraMerge merge, LoraMergePlan plan, OutputTarget target) {
    target.refuseInputs(merge.files());
    StateDictLayout layout =
        LoraWriter.layout(target, plan.modules(), metadata(merge, plan, target.path()));
    target.requireSpace(layout.size());
    long workerBytes = LoraWriter.workerMemory(plan.modules());
    MemoryForecast.requireHeap(workerBytes, threads);
    return new Forecast(
        plan, layout.size(), target.freeSpace(), MemoryForecast.bytes(workerBytes, threads));
  }

  /**
   * Plans and runs a merge.
   *
   * @throws AthanorException as {@link #plan} and {@link LoraWriter#write}
   */
  public LoraMergeReport run(PreparedLoraMerge merge, LoraMethod method, OutputTarget target) {
    Instant start = Instant.now();
    target.refuseInputs(merge.files());
    return run(merge, plan(merge, method, target.path()), start, target);
  }

  /**
   * Runs a merge that is planned.
   *
   * @param start when the work on it began
   * @throws AthanorException of kind USAGE if the output cannot go there; as {@link
   *     LoraWriter#write}
   */
  public LoraMergeReport run(
      PreparedLoraMerge merge, LoraMergePlan plan, Instant start, OutputTarget target) {
    target.refuseInputs(merge.files());
    boolean anything = merge.recipe().options().allowNonFinite();
    LoraWriter.Written written =
        new LoraWriter(kernels, threads, progress, cancellation)
            .write(
                target,
                plan.modules(),
                metadata(merge, plan, target.path()),
                merge.files(),
                anything);
    List<String> warnings = new ArrayList<>();
    if (!written.unstorable().isEmpty()) {
      warnings.add(
          "values overflow in "
              + written.unstorable().size()
              + " tensors, for example "
              + written.unstorable().firstKey()
              + "; written as you allowed");
    }
    return new LoraMergeReport(
        target.path(), written, Duration.between(start, Instant.now()), plan, warnings);
  }

  /** Whether a file is the result of this very merge, which an earlier run made. */
  public boolean isResult(Path file, PreparedLoraMerge merge, LoraMergePlan plan) {
    return FinishedMerge.is(file, RecipeRecord.of(version, merge, plan), merge.files());
  }

  private Map<String, String> metadata(PreparedLoraMerge merge, LoraMergePlan plan, Path output) {
    Map<String, String> metadata = new LinkedHashMap<>(plan.network());
    if (merge.recipe().options().writeMetadata()) {
      metadata.putAll(
          new MergedLoraMetadata(plan.architecture(), plan.loras())
              .description(
                  output,
                  RecipeRecord.of(version, merge, plan).toJson(),
                  plan.method().text(),
                  stamp));
    }
    return metadata;
  }
}
