package athanor.model.sd;

import athanor.model.table.KeyList;
import athanor.model.table.KeySet;
import athanor.tensor.TensorInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The UNet of a model in the layout of diffusers: the same tensors as in a checkpoint, under other
 * names.
 */
final class DiffusersUnet {
  private static final List<String> PREFIXES = List.of("", "unet.");
  private static final List<String> ENDINGS = List.of(".weight", ".bias");

  private DiffusersUnet() {}

  /**
   * The keys in a checkpoint, by those in a file in this layout, also of tensors that the file
   * lacks.
   *
   * @param prefix what the keys in a checkpoint begin with
   * @return empty unless every key of the file is one of a known UNet
   */
  static Optional<Map<String, String>> plainKeys(KeySet keys, String prefix) {
    for (String own : PREFIXES) {
      if (keys.has(own + "conv_in.weight")
          && keys.has(own + "down_blocks.0.resnets.0.conv1.weight")) {
        return nearest(keys, own, prefix);
      }
    }
    return Optional.empty();
  }

  private static Optional<Map<String, String>> nearest(KeySet keys, String own, String prefix) {
    Map<String, String> best = Map.of();
    for (UnetPlan plan : UnetPlan.ALL) {
      Map<String, String> names = names(plan, own, prefix);
      boolean all = names.keySet().containsAll(keys.tensors().keySet());
      if (all && (best.isEmpty() || names.size() < best.size())) {
        best = names;
      }
    }
    return best.isEmpty() ? Optional.empty() : Optional.of(best);
  }

  private static Map<String, String> names(UnetPlan plan, String own, String prefix) {
    var list = new KeyList();
    UnetKeys.list(plan, "", list);
    Set<String> plain = new HashSet<>();
    list.tensors().stream().map(TensorInfo::key).forEach(plain::add);
    var names = new UnetNames(plan.blocksPerLevel(), module -> plain.contains(module + ".weight"));
    Map<String, String> byOwn = new HashMap<>();
    for (String key : plain) {
      for (String ending : ENDINGS) {
        if (key.endsWith(ending)) {
          String module = key.substring(0, key.length() - ending.length());
          names.diffusers(module).ifPresent(name -> byOwn.put(own + name + ending, prefix + key));
        }
      }
    }
    return byOwn;
  }
}
