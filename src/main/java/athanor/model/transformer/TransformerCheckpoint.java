package athanor.model.transformer;

import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.Component;
import athanor.model.Trait;
import athanor.model.block.Block;
import athanor.model.naming.ComponentNames;
import athanor.model.naming.ModuleScope;
import athanor.model.table.KeySet;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A checkpoint of a transformer architecture. Most hold the denoiser only, which is no peculiarity;
 * of its keys {@link #missing} counts those of the blocks that the file has.
 */
final class TransformerCheckpoint implements CheckpointModel {
  private static final ComponentNames VAE = ComponentNames.of("vae");

  private final Architecture architecture;
  private final TransformerTables tables;
  private final KeySet keys;
  private final String prefix;
  private final List<String> missing;

  TransformerCheckpoint(
      Architecture architecture,
      TransformerTables tables,
      KeySet keys,
      String prefix,
      List<String> missing) {
    this.architecture = architecture;
    this.tables = tables;
    this.keys = keys;
    this.prefix = prefix;
    this.missing = List.copyOf(missing);
  }

  @Override
  public Architecture architecture() {
    return architecture;
  }

  @Override
  public Set<Trait> traits() {
    return keys.any(Trait::marksScaledWeights) ? Set.of(Trait.SCALED_WEIGHTS) : Set.of();
  }

  @Override
  public List<String> missing() {
    return missing;
  }

  @Override
  public String denoiserPrefix() {
    return prefix;
  }

  @Override
  public Component componentOf(String key) {
    for (EncoderTable encoder : tables.encoders()) {
      if (key.startsWith(encoder.prefix())) {
        return encoder.component();
      }
    }
    if (VAE.ownsKey(key)) {
      return Component.VAE;
    }
    boolean denoiser =
        key.startsWith(prefix)
            && (!prefix.isEmpty()
                || tables.keys().has(key)
                || TransformerNames.moduleOf(key).isPresent()
                || key.endsWith(".bias"));
    return denoiser ? Component.TRANSFORMER : Component.OTHER;
  }

  @Override
  public Block blockOf(String key) {
    for (EncoderTable encoder : tables.encoders()) {
      if (key.startsWith(encoder.prefix())) {
        return encoder.block();
      }
    }
    return tables.blockOf(key.startsWith(prefix) ? key.substring(prefix.length()) : key);
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
    var scopes = new ArrayList<ModuleScope>();
    scopes.add(TransformerTargets.denoiser(this, tables));
    for (EncoderTable encoder : tables.encoders()) {
      scopes.add(TransformerTargets.encoder(this, encoder));
    }
    return scopes;
  }

  @Override
  public String toString() {
    return description();
  }
}
