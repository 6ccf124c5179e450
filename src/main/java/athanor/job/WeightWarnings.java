package athanor.job;

import athanor.merge.plan.BlockFactor;
import athanor.merge.plan.BlockList;
import athanor.merge.plan.PlannedLora;
import athanor.model.block.BlockWeights;
import java.util.List;
import java.util.stream.Collectors;

/** What is worth saying about ratios and weights. */
final class WeightWarnings {
  private WeightWarnings() {}

  static void add(List<Candidate> candidates, boolean ofBaseAlone, List<String> warnings) {
    if (ofBaseAlone
        && candidates.stream().allMatch(candidate -> candidate.input().strength().isZero())) {
      warnings.add("every ratio is 0: the result has the weights of the base, unchanged");
    }
    for (Candidate candidate : candidates) {
      if (candidate.fits() && !candidate.input().strength().isZero()) {
        candidate.planned().ifPresent(lora -> add(lora, warnings));
      }
    }
  }

  /** What is worth saying about one LoRA whose ratio is not 0. */
  static void add(PlannedLora lora, List<String> warnings) {
    String name = lora.match().file().name();
    List<BlockFactor> factors = lora.blockFactors();
    if (lora.strength().textEncoderRatio().isPresent()
        && factors.stream().noneMatch(BlockFactor::textEncoder)) {
      warnings.add(name + ": te= has no effect, it has no text encoder modules that fit");
    }
    lora.strength().blocks().ifPresent(list -> unnamed(name, factors, list, warnings));
    if (!lora.isEffective()) {
      warnings.add(name + ": every weight is 0, so it changes nothing");
    }
  }

  private static void unnamed(
      String name, List<BlockFactor> factors, BlockList list, List<String> warnings) {
    BlockWeights weights = list.weights();
    List<BlockFactor> others =
        factors.stream().filter(row -> row.modules() > 0 && !weights.names(row.block())).toList();
    if (others.isEmpty()) {
      return;
    }
    int modules = others.stream().mapToInt(BlockFactor::modules).sum();
    String blocks =
        others.stream().map(row -> row.block().name()).collect(Collectors.joining(", "));
    warnings.add(
        name
            + ": "
            + (modules == 1 ? "1 module is" : modules + " modules are")
            + " in blocks that the "
            + list.values().size()
            + " block weights do not name ("
            + blocks
            + "): "
            + (list.elsewhere() == 0 ? "left out" : "applied with the full ratio"));
  }
}
