package athanor.model;

import athanor.model.UnetFinder.Dimensions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks the tables in turn: other kinds of file, UNets, transformers, parts of models. */
final class Recognizer {
  private static final String STACKED_FRAMES = ".time_stack.";

  private Recognizer() {}

  static Recognition recognize(KeySet keys) {
    if (keys.size() == 0) {
      return new Recognition.Unknown("a file without tensors");
    }
    Optional<ForeignKind> foreign = ForeignKind.of(keys);
    if (foreign.isPresent()) {
      return foreign.get().recognition();
    }
    Optional<String> prefix = UnetFinder.prefix(keys);
    if (prefix.isPresent()) {
      return unet(keys, prefix.get());
    }
    Optional<Recognition> transformer = TransformerSignature.find(keys);
    if (transformer.isPresent()) {
      return transformer.get();
    }
    return ForeignKind.partOf(keys)
        .map(ForeignKind::recognition)
        .orElseGet(() -> new Recognition.Unknown(outline(keys)));
  }

  private static Recognition unet(KeySet keys, String prefix) {
    if (keys.any(key -> key.startsWith(prefix) && key.contains(STACKED_FRAMES))) {
      return new Recognition.Unsupported(Architecture.STABLE_VIDEO, "temporal layers");
    }
    Dimensions found = UnetFinder.dimensions(keys, prefix);
    if (found.channels() == 256 && found.context() == 1024) {
      return new Recognition.Unsupported(Architecture.SD_X4_UPSCALER, "256 channels");
    }
    List<UnetPlan> candidates =
        UnetPlan.ALL.stream()
            .filter(plan -> plan.context() == found.context())
            .filter(plan -> found.channels() < 0 || plan.channels() == found.channels())
            .toList();
    if (candidates.isEmpty()) {
      return new Recognition.Unknown(
          "a latent-diffusion UNet with "
              + (found.context() < 0 ? "no cross-attention" : "context width " + found.context())
              + (found.channels() < 0 ? "" : " and " + found.channels() + " channels"));
    }
    PlannedUnet best = bestPlan(keys, prefix, candidates);
    return new Recognition.Checkpoint(new CheckpointSurvey(keys, prefix, best, found).model());
  }

  private static PlannedUnet bestPlan(KeySet keys, String prefix, List<UnetPlan> candidates) {
    int inFile = keys.count(key -> UnetFinder.isUnetKey(key, prefix));
    PlannedUnet best = PlannedUnet.of(candidates.getFirst(), keys, prefix, inFile);
    if (best.difference() == 0) {
      return best;
    }
    for (UnetPlan plan : candidates.subList(1, candidates.size())) {
      PlannedUnet other = PlannedUnet.of(plan, keys, prefix, inFile);
      best = other.difference() < best.difference() ? other : best;
    }
    return best;
  }

  private static String outline(KeySet keys) {
    Map<String, Integer> counts = new HashMap<>();
    for (String key : keys.tensors().keySet()) {
      int dot = key.indexOf('.');
      counts.merge(dot < 0 ? key : key.substring(0, dot + 1), 1, Integer::sum);
    }
    String most =
        counts.entrySet().stream()
            .max(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry::getKey))
            .map(Map.Entry::getKey)
            .orElse("");
    return keys.size()
        + (keys.size() == 1 ? " tensor" : " tensors")
        + ", "
        + counts.get(most)
        + " of them under "
        + most
        + "; none of the known layouts";
  }
}
