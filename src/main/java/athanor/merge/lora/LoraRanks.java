package athanor.merge.lora;

import athanor.adapter.format.AdapterFormats;
import athanor.adapter.format.Lora;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The ranks of a LoRA about to be written.
 *
 * @param linear of linear layers and 1×1 convolutions
 * @param spatial of larger convolutions
 */
public record LoraRanks(SortedSet<Long> linear, SortedSet<Long> spatial) {

  /** The ranks of modules. */
  public static LoraRanks of(List<LoraModule> modules) {
    SortedSet<Long> linear = new TreeSet<>();
    SortedSet<Long> spatial = new TreeSet<>();
    for (LoraModule module : modules) {
      for (TensorInfo tensor : module.tensors()) {
        if (AdapterFormats.partOf(tensor.key()).filter(Lora.DOWN::equals).isPresent()) {
          Shape shape = tensor.shape();
          (shape.columns() > shape.dim(1) ? spatial : linear).add(shape.dim(0));
        }
      }
    }
    return new LoraRanks(linear, spatial);
  }

  /** {@code 32}, or {@code 4–64} for several, or {@code –} for none. */
  public String text() {
    SortedSet<Long> all = new TreeSet<>(linear);
    all.addAll(spatial);
    if (all.isEmpty()) {
      return "–";
    }
    return all.size() == 1 ? all.first().toString() : all.first() + "–" + all.last();
  }

  /** What {@code ss_network_dim} says: a number, or {@code Dynamic} when modules differ. */
  public String networkDim() {
    SortedSet<Long> relevant = linear.isEmpty() ? spatial : linear;
    return uniform(relevant);
  }

  /** What {@code ss_network_args} says of convolutions; empty when there are none. */
  public String networkArguments() {
    return spatial.isEmpty()
        ? ""
        : "{\"conv_dim\": \""
            + uniform(spatial)
            + "\", \"conv_alpha\": \""
            + uniform(spatial)
            + "\"}";
  }

  private static String uniform(SortedSet<Long> ranks) {
    return ranks.size() == 1 ? ranks.first().toString() : "Dynamic";
  }
}
