package athanor.adapter;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A key of an adapter file, cut into the module it belongs to and the part it plays there. The
 * suffixes are those written by kohya's sd-scripts, LyCORIS, diffusers, PEFT, OneTrainer,
 * ai-toolkit and ComfyUI.
 *
 * @param module everything before the suffix
 * @param role the part of this tensor
 * @param format the format the suffix belongs to
 */
public record AdapterKey(String module, Role role, Format format) {

  private record Suffix(String text, Role role, Format format) {}

  /** Longest first, so that a suffix is never taken for a shorter one it ends in. */
  private static final List<Suffix> SUFFIXES =
      List.of(
              new Suffix(".lora_up.weight", Role.UP, Format.LORA),
              new Suffix(".lora_down.weight", Role.DOWN, Format.LORA),
              new Suffix(".lora_mid.weight", Role.MID, Format.LORA),
              new Suffix(".lora_B.weight", Role.UP, Format.LORA),
              new Suffix(".lora_A.weight", Role.DOWN, Format.LORA),
              new Suffix(".lora_B", Role.UP, Format.LORA),
              new Suffix(".lora_A", Role.DOWN, Format.LORA),
              new Suffix(".lora_B.bias", Role.BIAS, Format.LORA),
              new Suffix("_lora.up.weight", Role.UP, Format.LORA),
              new Suffix("_lora.down.weight", Role.DOWN, Format.LORA),
              new Suffix(".lora.up.weight", Role.UP, Format.LORA),
              new Suffix(".lora.down.weight", Role.DOWN, Format.LORA),
              new Suffix(".lora_linear_layer.up.weight", Role.UP, Format.LORA),
              new Suffix(".lora_linear_layer.down.weight", Role.DOWN, Format.LORA),
              new Suffix("_lora1.up.weight", Role.UP, Format.LORA),
              new Suffix("_lora1.down.weight", Role.DOWN, Format.LORA),
              new Suffix("_lora2.up.weight", Role.UP, Format.LORA),
              new Suffix("_lora2.down.weight", Role.DOWN, Format.LORA),
              new Suffix(".alpha", Role.ALPHA, Format.LORA),
              new Suffix(".scale", Role.SCALE, Format.LORA),
              new Suffix(".diff", Role.DIFF, Format.FULL),
              new Suffix(".diff_b", Role.DIFF_BIAS, Format.FULL),
              new Suffix(".w_norm", Role.DIFF, Format.NORM),
              new Suffix(".b_norm", Role.DIFF_BIAS, Format.NORM),
              new Suffix(".dora_scale", Role.OTHER, Format.DORA),
              new Suffix(".lora_magnitude_vector", Role.OTHER, Format.DORA),
              new Suffix(".lora_magnitude_vector.weight", Role.OTHER, Format.DORA),
              new Suffix(".lora_magnitude_vector.default.weight", Role.OTHER, Format.DORA),
              new Suffix(".magnitude", Role.OTHER, Format.DORA),
              new Suffix(".hada_w1_a", Role.OTHER, Format.LOHA),
              new Suffix(".hada_w1_b", Role.OTHER, Format.LOHA),
              new Suffix(".hada_w2_a", Role.OTHER, Format.LOHA),
              new Suffix(".hada_w2_b", Role.OTHER, Format.LOHA),
              new Suffix(".hada_t1", Role.OTHER, Format.LOHA),
              new Suffix(".hada_t2", Role.OTHER, Format.LOHA),
              new Suffix(".lokr_w1", Role.OTHER, Format.LOKR),
              new Suffix(".lokr_w1_a", Role.OTHER, Format.LOKR),
              new Suffix(".lokr_w1_b", Role.OTHER, Format.LOKR),
              new Suffix(".lokr_w2", Role.OTHER, Format.LOKR),
              new Suffix(".lokr_w2_a", Role.OTHER, Format.LOKR),
              new Suffix(".lokr_w2_b", Role.OTHER, Format.LOKR),
              new Suffix(".lokr_t1", Role.OTHER, Format.LOKR),
              new Suffix(".lokr_t2", Role.OTHER, Format.LOKR),
              new Suffix(".on_input", Role.OTHER, Format.IA3),
              new Suffix(".a1.weight", Role.OTHER, Format.GLORA),
              new Suffix(".a2.weight", Role.OTHER, Format.GLORA),
              new Suffix(".b1.weight", Role.OTHER, Format.GLORA),
              new Suffix(".b2.weight", Role.OTHER, Format.GLORA),
              new Suffix(".bm.weight", Role.OTHER, Format.GLORA),
              new Suffix(".oft_blocks", Role.OTHER, Format.OFT),
              new Suffix(".oft_diag", Role.OTHER, Format.OFT),
              new Suffix(".rescale", Role.OTHER, Format.OFT),
              new Suffix(".oft_R.weight", Role.OTHER, Format.OFT_V2),
              new Suffix(".oft_R.scaled_oft", Role.OTHER, Format.OFT_V2),
              new Suffix(".set_weight", Role.OTHER, Format.SET_WEIGHT),
              new Suffix(".reshape_weight", Role.OTHER, Format.SET_WEIGHT),
              new Suffix(".bias_indices", Role.OTHER, Format.SPARSE),
              new Suffix(".bias_values", Role.OTHER, Format.SPARSE),
              new Suffix(".bias_size", Role.OTHER, Format.SPARSE),
              new Suffix(".q_layer.weight", Role.OTHER, Format.T_LORA),
              new Suffix(".p_layer.weight", Role.OTHER, Format.T_LORA),
              new Suffix(".lambda_layer", Role.OTHER, Format.T_LORA),
              new Suffix(".lora_embedding_A", Role.OTHER, Format.EMBEDDING_LORA),
              new Suffix(".lora_embedding_B", Role.OTHER, Format.EMBEDDING_LORA),
              new Suffix(".modules_to_save.weight", Role.OTHER, Format.PEFT_SAVED_MODULE))
          .stream()
          .sorted(Comparator.comparingInt((Suffix suffix) -> -suffix.text.length()))
          .toList();

  /** The suffixes by their last component: of some seventy, a key is compared with one or two. */
  private static final Map<String, List<Suffix>> BY_TAIL =
      SUFFIXES.stream().collect(Collectors.groupingBy(suffix -> tail(suffix.text)));

  /** The last component, with the one before it if it is {@code weight}. */
  private static String tail(String key) {
    int dot = key.lastIndexOf('.');
    if (key.endsWith(".weight")) {
      dot = key.lastIndexOf('.', dot - 1);
    }
    return key.substring(dot + 1);
  }

  /** The module, role and format of a key; empty when no suffix of an adapter format fits. */
  public static Optional<AdapterKey> parse(String key) {
    for (Suffix suffix : BY_TAIL.getOrDefault(tail(key), List.of())) {
      if (key.length() > suffix.text.length() && key.endsWith(suffix.text)) {
        return Optional.of(new AdapterKey(moduleOf(key, suffix.text), suffix.role, suffix.format));
      }
    }
    return parseNamedPeftAdapter(key);
  }

  /** XLabs numbers its pairs ({@code qkv_lora1}): the number stays part of the module. */
  private static String moduleOf(String key, String suffix) {
    String module = key.substring(0, key.length() - suffix.length());
    return suffix.startsWith("_lora1") || suffix.startsWith("_lora2")
        ? module + suffix.substring(0, "_lora1".length())
        : module;
  }

  /** Raw PEFT state dicts put the adapter's name in between: {@code X.lora_A.default.weight}. */
  private static Optional<AdapterKey> parseNamedPeftAdapter(String key) {
    if (!key.endsWith(".weight")) {
      return Optional.empty();
    }
    int nameStart = key.lastIndexOf('.', key.length() - ".weight".length() - 1);
    if (nameStart <= 0) {
      return Optional.empty();
    }
    String before = key.substring(0, nameStart);
    if (before.endsWith(".lora_A")) {
      return Optional.of(peft(before, Role.DOWN));
    }
    return before.endsWith(".lora_B") ? Optional.of(peft(before, Role.UP)) : Optional.empty();
  }

  private static AdapterKey peft(String before, Role role) {
    return new AdapterKey(
        before.substring(0, before.length() - ".lora_A".length()), role, Format.LORA);
  }
}
