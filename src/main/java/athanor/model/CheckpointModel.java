package athanor.model;

import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A checkpoint whose architecture is known: what each tensor is for, and how the file differs from
 * a complete one. Immutable; made by {@link Recognition#of}.
 */
public final class CheckpointModel {
  private final UnetPlan plan;
  private final String unetPrefix;
  private final List<TextEncoder> textEncoders;
  private final Map<String, TensorInfo> tensors;
  private final List<String> missing;
  private final Set<Trait> traits;

  CheckpointModel(
      UnetPlan plan,
      String unetPrefix,
      List<TextEncoder> textEncoders,
      Map<String, TensorInfo> tensors,
      List<String> missing,
      EnumSet<Trait> traits) {
    this.plan = plan;
    this.unetPrefix = unetPrefix;
    this.textEncoders = List.copyOf(textEncoders);
    this.tensors = tensors;
    this.missing = List.copyOf(missing);
    this.traits = Collections.unmodifiableSet(traits);
  }

  /** Its architecture. */
  public Architecture architecture() {
    return plan.architecture();
  }

  /** Its peculiarities, in the order of the constants. */
  public Set<Trait> traits() {
    return traits;
  }

  /** Whether it has this peculiarity. */
  public boolean has(Trait trait) {
    return traits.contains(trait);
  }

  /**
   * The keys that a complete checkpoint has and this file lacks, within the components that it has.
   * Not counted is what programs do not need: position ids, the schedule, {@code logit_scale}, and
   * of SD 2.x the text projection and the last text layer. Of SDXL's two text encoders, both count
   * as soon as one is there.
   */
  public List<String> missing() {
    return missing;
  }

  /** What the keys of the UNet begin with; may be empty. */
  public String unetPrefix() {
    return unetPrefix;
  }

  /** The components that the file has, in the order of the constants. */
  public List<Component> components() {
    var found = EnumSet.noneOf(Component.class);
    tensors.keySet().forEach(key -> found.add(componentOf(key)));
    return new ArrayList<>(found);
  }

  /** What the tensor of this key belongs to; {@link Component#OTHER} when it is nothing known. */
  public Component componentOf(String key) {
    return UnetFinder.isUnetKey(key, unetPrefix) ? Component.UNET : componentOutsideUnet(key);
  }

  private Component componentOutsideUnet(String key) {
    for (TextEncoder encoder : textEncoders) {
      if (key.startsWith(encoder.root())) {
        return encoder.component();
      }
    }
    if (key.startsWith("first_stage_model.") || key.startsWith("vae.")) {
      return Component.VAE;
    }
    if (key.startsWith("model_ema.")) {
      return Component.EMA;
    }
    return Schedule.isScheduleKey(key) ? Component.SCHEDULE : Component.OTHER;
  }

  /** All tensors, in the order of the file. */
  public Collection<TensorInfo> tensors() {
    return tensors.values();
  }

  /** The tensor with this key. */
  public Optional<TensorInfo> find(String key) {
    return Optional.ofNullable(tensors.get(key));
  }

  /** In a few words: {@code SD 1.x, inpainting, no VAE}. */
  public String description() {
    String peculiarities =
        traits.stream().map(trait -> ", " + trait.label()).collect(Collectors.joining());
    String gaps = missing.isEmpty() ? "" : ", incomplete (" + missing.size() + " keys missing)";
    return architecture().label() + peculiarities + gaps;
  }

  @Override
  public String toString() {
    return description();
  }

  UnetPlan plan() {
    return plan;
  }

  List<TextEncoder> textEncoders() {
    return textEncoders;
  }
}
