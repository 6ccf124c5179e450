package athanor.model.sd;

import athanor.model.naming.ComponentNames;
import athanor.model.table.KeySet;
import java.util.List;
import java.util.Optional;

/** Finds where in a file a latent-diffusion UNet is, and reads its dimensions off the shapes. */
final class UnetFinder {
  private static final List<String> PREFIXES = ComponentNames.of("denoiser").checkpoint();
  private static final List<String> BLOCKS =
      List.of("input_blocks.", "output_blocks.", "middle_block.");
  private static final List<String> HEADS =
      List.of(
          "input_blocks.", "output_blocks.", "middle_block.", "time_embed.", "label_emb.", "out.");

  private UnetFinder() {}

  /** The prefix of the UNet's keys, possibly empty text; nothing when the file has no such UNet. */
  static Optional<String> prefix(KeySet keys) {
    for (String prefix : PREFIXES) {
      for (String block : BLOCKS) {
        if (keys.anyStartsWith(prefix.concat(block))) {
          return Optional.of(prefix);
        }
      }
    }
    return Optional.empty();
  }

  /** Whether a key belongs to the UNet with this prefix. */
  static boolean isUnetKey(String key, String prefix) {
    return key.startsWith(prefix) && (!prefix.isEmpty() || startsBare(key));
  }

  private static boolean startsBare(String key) {
    for (String head : HEADS) {
      if (key.startsWith(head)) {
        return true;
      }
    }
    return false;
  }

  /**
   * What the shapes say; -1 stands for what is not there.
   *
   * @param inChannels input channels
   * @param channels channels of the first level
   * @param context width of the text embedding
   * @param adm width of the pooled conditioning
   */
  record Dimensions(long inChannels, long channels, long context, long adm) {}

  static Dimensions dimensions(KeySet keys, String prefix) {
    long channels = keys.dim(prefix + "input_blocks.0.0.weight", 0);
    if (channels < 0) {
      channels = keys.dim(prefix + "time_embed.0.weight", 1);
    }
    return new Dimensions(
        keys.dim(prefix + "input_blocks.0.0.weight", 1),
        channels,
        context(keys, prefix),
        keys.dim(prefix + "label_emb.0.0.weight", 1));
  }

  private static long context(KeySet keys, String prefix) {
    for (String key : keys.tensors().keySet()) {
      if (key.endsWith(".attn2.to_k.weight") && key.startsWith(prefix)) {
        return keys.dim(key, 1);
      }
    }
    return -1;
  }
}
