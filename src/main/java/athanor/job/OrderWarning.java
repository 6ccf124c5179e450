package athanor.job;

import athanor.adapter.PlacedModule;
import athanor.delta.Change;
import athanor.merge.plan.DeltaWeights;
import athanor.merge.plan.PlannedLora;
import athanor.tensor.Rows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is worth saying where another order of the LoRAs gives another result: one that depends on
 * the weights sees what the LoRAs before it left. Sums alone come to the same in any order.
 */
final class OrderWarning {
  private OrderWarning() {}

  private record Earlier(PlannedLora lora, Rows rows, boolean depends) {}

  /** The warning, about the first such pair; empty if the order does not matter. */
  static Optional<String> of(List<Candidate> candidates) {
    Map<String, List<Earlier>> byKey = new HashMap<>();
    for (Candidate candidate : candidates) {
      PlannedLora lora = candidate.planned().filter(_ -> candidate.fits()).orElse(null);
      if (lora == null) {
        continue;
      }
      DeltaWeights weights = lora.deltaWeights();
      for (PlacedModule module : lora.match().placed()) {
        double factor = weights.factor(module);
        for (Change change : module.changes()) {
          if (change.times(factor).changesNothing()) {
            continue;
          }
          boolean depends = change instanceof Change.Transform;
          List<Earlier> earlier =
              byKey.computeIfAbsent(change.rows().key(), key -> new ArrayList<>());
          for (Earlier one : earlier) {
            if (!one.lora().equals(lora)
                && (depends || one.depends())
                && one.rows().overlaps(change.rows())) {
              return Optional.of(text(one.lora(), lora, depends));
            }
          }
          earlier.add(new Earlier(lora, change.rows(), depends));
        }
      }
    }
    return Optional.empty();
  }

  private static String text(PlannedLora first, PlannedLora second, boolean secondDepends) {
    String one = first.match().file().name();
    String other = second.match().file().name();
    return "the order of the LoRAs matters: what "
        + (secondDepends ? other : one)
        + " does depends on the weights, and "
        + (secondDepends ? one : other)
        + " changes the same ones; they are applied in the order given";
  }
}
