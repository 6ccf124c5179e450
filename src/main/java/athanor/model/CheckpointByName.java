package athanor.model;

import athanor.model.block.Block;
import athanor.model.block.BlockScheme;
import athanor.model.naming.ComponentNames;
import athanor.model.naming.ModuleScope;
import athanor.model.table.KeySet;
import athanor.tensor.Rows;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A model of which nothing is known but its keys: every weight is a module named by its path. LoRAs
 * fit it only with all their modules. Immutable and thread-safe.
 */
public final class CheckpointByName implements CheckpointModel {
  private static final ComponentNames NAMING = ComponentNames.of("transformer");
  private static final ComponentNames VAE = ComponentNames.of("vae");
  private static final String UNKNOWN = "unknown";
  private static final String WEIGHT = ".weight";

  private final KeySet keys;
  private final String prefix;

  private CheckpointByName(KeySet keys, String prefix) {
    this.keys = keys;
    this.prefix = prefix;
  }

  /** The model that a file holds, whatever it is. */
  public static CheckpointByName of(Collection<TensorInfo> tensors) {
    KeySet keys = KeySet.of(tensors);
    String prefix =
        ComponentNames.of("denoiser").checkpointPrefixes().stream()
            .filter(keys::anyStartsWith)
            .findFirst()
            .orElse("");
    return new CheckpointByName(keys, prefix);
  }

  @Override
  public Architecture architecture() {
    return Architectures.byId(UNKNOWN).orElseThrow();
  }

  @Override
  public boolean isKnownByNameOnly() {
    return true;
  }

  @Override
  public Set<Trait> traits() {
    return keys.any(Trait::marksScaledWeights) ? Set.of(Trait.SCALED_WEIGHTS) : Set.of();
  }

  @Override
  public List<String> missing() {
    return List.of();
  }

  @Override
  public String denoiserPrefix() {
    return prefix;
  }

  @Override
  public Component componentOf(String key) {
    if (!prefix.isEmpty()) {
      return key.startsWith(prefix) ? Component.TRANSFORMER : Component.OTHER;
    }
    return VAE.ownsKey(key) ? Component.VAE : Component.TRANSFORMER;
  }

  @Override
  public Block blockOf(String key) {
    return BlockScheme.named(UNKNOWN).blocks().getFirst();
  }

  @Override
  public Collection<TensorInfo> tensors() {
    return keys.tensors().values();
  }

  @Override
  public Optional<TensorInfo> find(String key) {
    return Optional.ofNullable(keys.tensors().get(key));
  }

  @Override
  public List<ModuleScope> modules() {
    List<String> dotted = new ArrayList<>(NAMING.dotted());
    dotted.add(prefix);
    var scope = new ModuleScope(NAMING.flat(), dotted);
    for (TensorInfo tensor : tensors()) {
      String key = tensor.key();
      if (key.endsWith(WEIGHT)
          && tensor.shape().rank() > 0
          && componentOf(key) == Component.TRANSFORMER) {
        String module = key.substring(prefix.length(), key.length() - WEIGHT.length());
        scope.add(module, target(tensor, module));
      }
    }
    return List.of(scope);
  }

  private Target target(TensorInfo tensor, String module) {
    String bias = tensor.key().substring(0, tensor.key().length() - WEIGHT.length()) + ".bias";
    return new Target(
        Rows.whole(tensor),
        tensor.shape(),
        false,
        find(bias)
            .filter(values -> values.shape().rows() == tensor.shape().rows())
            .map(Rows::whole),
        Component.TRANSFORMER,
        blockOf(tensor.key()),
        NAMING.kohya() + ModuleScope.flatten(module),
        NAMING.diffusers() + module);
  }

  @Override
  public String toString() {
    return description();
  }
}
