package athanor.model.sd;

import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.Component;
import athanor.model.Trait;
import athanor.model.block.Block;
import athanor.model.naming.ComponentNames;
import athanor.model.naming.ModuleScope;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A checkpoint with a latent-diffusion UNet. Of its keys {@link #missing} does not count position
 * ids, the schedule, {@code logit_scale}, and of SD 2.x the text projection and the last text
 * layer. Of SDXL's two text encoders, both count as soon as one is there.
 */
final class UnetCheckpoint implements CheckpointModel {
  private static final ComponentNames VAE = ComponentNames.of("vae");
  private static final ComponentNames EMA = ComponentNames.of("ema");

  private final UnetArchitecture architecture;
  private final UnetPlan plan;
  private final String prefix;
  private final List<TextEncoder> textEncoders;
  private final Map<String, TensorInfo> tensors;
  private final List<String> missing;
  private final Set<Trait> traits;

  UnetCheckpoint(
      UnetArchitecture architecture,
      UnetPlan plan,
      String prefix,
      List<TextEncoder> textEncoders,
      Map<String, TensorInfo> tensors,
      List<String> missing,
      EnumSet<Trait> traits) {
    this.architecture = architecture;
    this.plan = plan;
    this.prefix = prefix;
    this.textEncoders = List.copyOf(textEncoders);
    this.tensors = tensors;
    this.missing = List.copyOf(missing);
    this.traits = Collections.unmodifiableSet(traits);
  }

  @Override
  public Architecture architecture() {
    return architecture;
  }

  @Override
  public Set<Trait> traits() {
    return traits;
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
    return UnetFinder.isUnetKey(key, prefix) ? Component.UNET : componentOutsideUnet(key);
  }

  private Component componentOutsideUnet(String key) {
    for (TextEncoder encoder : textEncoders) {
      if (key.startsWith(encoder.root())) {
        return encoder.component();
      }
    }
    if (VAE.ownsKey(key)) {
      return Component.VAE;
    }
    if (EMA.ownsKey(key)) {
      return Component.EMA;
    }
    return Schedule.isScheduleKey(key) ? Component.SCHEDULE : Component.OTHER;
  }

  @Override
  public String commonKey(String key) {
    for (TextEncoder encoder : textEncoders) {
      if (key.startsWith(encoder.body())) {
        return encoder.component() + ":" + key.substring(encoder.body().length());
      }
    }
    return VAE.checkpointPrefixes().stream()
        .filter(start -> key.startsWith(start) && componentOf(key) == Component.VAE)
        .findFirst()
        .map(start -> Component.VAE + ":" + key.substring(start.length()))
        .orElseGet(() -> CheckpointModel.super.commonKey(key));
  }

  @Override
  public Block blockOf(String key) {
    return UnetFinder.isUnetKey(key, prefix)
        ? plan.blockOf(key.substring(prefix.length()), plan.lastBlock())
        : UnetPlan.BASE;
  }

  /**
   * {@inheritDoc}
   *
   * <p>The latent-diffusion code (ldm/modules/ema.py) names the average of a parameter by the
   * parameter's name in the model around the UNet, without its dots.
   */
  @Override
  public Optional<TensorInfo> averageOf(TensorInfo tensor) {
    if (!UnetFinder.isUnetKey(tensor.key(), prefix)) {
      return Optional.empty();
    }
    String name = (EMA.averaged() + tensor.key().substring(prefix.length())).replace(".", "");
    return EMA.checkpointPrefixes().stream()
        .flatMap(start -> find(start + name).stream())
        .filter(average -> average.shape().equals(tensor.shape()))
        .findFirst();
  }

  @Override
  public Collection<TensorInfo> tensors() {
    return tensors.values();
  }

  @Override
  public Optional<TensorInfo> find(String key) {
    return Optional.ofNullable(tensors.get(key));
  }

  @Override
  public List<ModuleScope> modules() {
    var scopes = new ArrayList<ModuleScope>();
    scopes.add(UnetTargets.of(this));
    for (TextEncoder encoder : textEncoders) {
      scopes.add(TextEncoderTargets.of(this, encoder));
    }
    return scopes;
  }

  @Override
  public String toString() {
    return description();
  }

  UnetPlan plan() {
    return plan;
  }
}
