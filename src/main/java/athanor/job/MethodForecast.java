package athanor.job;

import athanor.adapter.PlacedModule;
import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.merge.lora.LoraModule;
import athanor.merge.lora.LoraRanks;
import athanor.merge.method.LoraMergePlan;
import athanor.merge.method.LoraMethod;
import athanor.merge.method.LoraMethods;
import athanor.merge.method.MethodDescription;
import athanor.model.Target;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What each method would make of the same LoRAs.
 *
 * @param method the method
 * @param result what it would write; empty if it cannot
 * @param refusal why it cannot; empty if it can
 */
public record MethodForecast(
    LoraMethod method, Optional<Result> result, Optional<Problem> refusal) {

  /**
   * A file that could be written.
   *
   * @param ranks its ranks
   * @param bytes of its tensors
   */
  public record Result(LoraRanks ranks, long bytes) {}

  /**
   * The forecast of every method; nothing is computed.
   *
   * @param run plans the merges
   * @param rank the rank to show for methods that reduce ranks; empty for the largest of the inputs
   * @param output a name for messages
   */
  public static List<MethodForecast> of(
      LoraMergeRun run, PreparedLoraMerge merge, OptionalInt rank, Path output) {
    List<MethodForecast> forecasts = new ArrayList<>();
    int shown = rank.orElseGet(() -> largestRank(merge));
    for (MethodDescription<LoraMethod> method : LoraMethods.LIST.all()) {
      forecasts.add(of(run, merge, method.example().apply(shown), output));
    }
    return forecasts;
  }

  private static MethodForecast of(
      LoraMergeRun run, PreparedLoraMerge merge, LoraMethod method, Path output) {
    try {
      LoraMergePlan plan = run.plan(merge, method, output);
      long bytes = plan.modules().stream().mapToLong(LoraModule::bytes).sum();
      var result = new Result(LoraRanks.of(plan.modules()), bytes);
      return new MethodForecast(method, Optional.of(result), Optional.empty());
    } catch (AthanorException e) {
      return new MethodForecast(method, Optional.empty(), Optional.of(e.problem()));
    }
  }

  private static int largestRank(PreparedLoraMerge merge) {
    int largest = 1;
    for (Candidate candidate : merge.candidates()) {
      if (candidate.file().isPresent()) {
        for (var module : candidate.file().get().modules()) {
          largest = Math.max(largest, Math.toIntExact(module.rank()));
        }
      }
    }
    return largest;
  }

  /** How many modules of the architecture all LoRAs that fit change. */
  public static int modulesInCommon(PreparedLoraMerge merge) {
    Set<Target> common = new HashSet<>();
    boolean first = true;
    for (Candidate candidate : merge.candidates()) {
      if (candidate.fits()) {
        Set<Target> own =
            candidate.match().orElseThrow().placed().stream()
                .map(PlacedModule::target)
                .collect(Collectors.toSet());
        if (first) {
          common.addAll(own);
        } else {
          common.retainAll(own);
        }
        first = false;
      }
    }
    return common.size();
  }
}
