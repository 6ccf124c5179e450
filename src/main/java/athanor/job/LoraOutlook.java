package athanor.job;

import athanor.adapter.Delta;
import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.merge.lora.LoraMergePlan;
import athanor.merge.lora.LoraModule;
import athanor.merge.lora.LoraRanks;
import athanor.merge.lora.LoraFormat;
import athanor.merge.method.LoraMergeOptions;
import athanor.merge.method.MergeMethod;
import athanor.merge.method.RankLimits;
import athanor.model.Target;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What each method would make of the same LoRAs.
 *
 * @param options the method
 * @param result what it would write; empty if it cannot
 * @param refusal why it cannot; empty if it can
 */
public record LoraOutlook(
    LoraMergeOptions options, Optional<Result> result, Optional<Problem> refusal) {

  /**
   * A file that could be written.
   *
   * @param ranks its ranks
   * @param bytes of its tensors
   */
  public record Result(LoraRanks ranks, long bytes) {}

  /**
   * The outlook of every method; nothing is computed.
   *
   * @param run plans the merges
   * @param rank the rank to show for {@link MergeMethod#SVD}; empty for the largest of the inputs
   * @param output a name for messages
   */
  public static List<LoraOutlook> of(
      LoraMergeRun run, PreparedLoraMerge merge, OptionalInt rank, Path output) {
    List<LoraOutlook> outlooks = new ArrayList<>();
    for (MergeMethod method : MergeMethod.values()) {
      OptionalInt limit =
          method == MergeMethod.SVD
              ? OptionalInt.of(rank.orElseGet(() -> largestRank(merge)))
              : OptionalInt.empty();
      var limits = new RankLimits(limit, OptionalInt.empty(), OptionalDouble.empty());
      outlooks.add(
          of(run, merge, new LoraMergeOptions(method, limits, false, LoraFormat.KOHYA), output));
    }
    return outlooks;
  }

  private static LoraOutlook of(
      LoraMergeRun run, PreparedLoraMerge merge, LoraMergeOptions options, Path output) {
    try {
      LoraMergePlan plan = run.plan(merge, options, output);
      long bytes = plan.modules().stream().mapToLong(LoraModule::bytes).sum();
      var result = new Result(LoraRanks.of(plan.modules()), bytes);
      return new LoraOutlook(options, Optional.of(result), Optional.empty());
    } catch (AthanorException e) {
      return new LoraOutlook(options, Optional.empty(), Optional.of(e.problem()));
    }
  }

  private static int largestRank(PreparedLoraMerge merge) {
    int largest = 1;
    for (LoraCandidate candidate : merge.candidates()) {
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
    for (LoraCandidate candidate : merge.candidates()) {
      if (candidate.fits()) {
        Set<Target> own =
            candidate.match().orElseThrow().deltas().stream()
                .map(Delta::target)
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
