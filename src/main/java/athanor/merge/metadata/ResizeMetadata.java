package athanor.merge.metadata;

import athanor.adapter.AdapterTraits;
import athanor.merge.lora.resize.RankRule;
import athanor.merge.lora.resize.ResizeOptions;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The metadata of a resized LoRA: what it had, with the comment, rank and alpha that kohya's {@code
 * resize_lora.py} writes.
 */
public final class ResizeMetadata {
  private static final String ADAPTER = "lora_adapter_metadata";
  private static final String COMMENT = "ss_training_comment";
  private static final String DIM = "ss_network_dim";
  private static final String ALPHA = "ss_network_alpha";
  private static final String DYNAMIC = "Dynamic";

  private ResizeMetadata() {}

  /**
   * The metadata without hashes.
   *
   * @param before of the original
   * @param traits of the original
   * @param options what was done
   */
  public static Map<String, String> of(
      Map<String, String> before, AdapterTraits traits, ResizeOptions options) {
    Map<String, String> result = new LinkedHashMap<>(before);
    result.keySet().removeAll(MetadataKeys.HASHES);
    result.remove(ADAPTER);
    long old = traits.ranks().last();
    result.put(COMMENT, what(old, options) + "; " + before.getOrDefault(COMMENT, ""));
    boolean fixed = options.targetBytes().isEmpty() && options.rule() instanceof RankRule.Fixed;
    result.put(DIM, fixed ? Integer.toString(options.rank()) : DYNAMIC);
    boolean oneScale = traits.ranks().size() == 1 && traits.alphas().size() == 1;
    boolean oneRank = options.rank() == options.convRank();
    result.put(
        ALPHA,
        fixed && oneScale && oneRank
            ? Double.toString(traits.alphas().first() / old * options.rank())
            : DYNAMIC);
    return result;
  }

  private static String what(long old, ResizeOptions options) {
    if (options.targetBytes().isPresent()) {
      return "Dynamic resize with size: " + options.targetBytes().getAsLong() + " from " + old;
    }
    if (!(options.rule() instanceof RankRule.Fixed)) {
      return "Dynamic resize with " + options.rule().description() + " from " + old;
    }
    String conv = options.rank() == options.convRank() ? "" : " (conv: " + options.convRank() + ")";
    return "dimension is resized from " + old + " to " + options.rank() + conv;
  }
}
