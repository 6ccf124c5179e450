package athanor.model;

import athanor.model.block.Block;
import athanor.model.naming.ModuleScope;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A checkpoint whose architecture is known: what each tensor is for, and how the file differs from
 * a complete one. Immutable and thread-safe; made by {@link Recognition#of}, each room has its own.
 */
public interface CheckpointModel {

  /** Its architecture. */
  Architecture architecture();

  /**
   * Which of the models that its architecture comprises it is, as far as the file tells: {@code
   * schnell}, or {@code Turbo or Base} where only a name would tell.
   */
  default Optional<String> variant() {
    return Optional.empty();
  }

  /** Whether nothing is known of it but its keys, so that LoRAs must fit it with every module. */
  default boolean isKnownByNameOnly() {
    return false;
  }

  /** Its peculiarities, in the order of the constants. */
  Set<Trait> traits();

  /**
   * The keys that a complete checkpoint has and this file lacks, within the components that it has.
   * Not counted is what programs do not need.
   */
  List<String> missing();

  /** What the keys of the denoiser begin with; may be empty. */
  String denoiserPrefix();

  /**
   * How this file spells a key of its architecture, or would spell it if it had it: as it is, but
   * where something stands around all keys.
   */
  default String storedKey(String plainKey) {
    return plainKey;
  }

  /** What the tensor of this key belongs to; {@link Component#OTHER} when it is nothing known. */
  Component componentOf(String key);

  /**
   * A name of a tensor that does not depend on how this file spells it: the same weight has the
   * same name in every checkpoint of the architecture.
   */
  default String commonKey(String key) {
    Component component = componentOf(key);
    boolean denoiser = component == Component.UNET || component == Component.TRANSFORMER;
    return denoiser ? component + ":" + key.substring(denoiserPrefix().length()) : key;
  }

  /** The block that block weights address a tensor by: a slot of the architecture's scheme. */
  Block blockOf(String key);

  /** The layouts that checkpoints of its architecture may be converted to; none for most UNets. */
  default List<String> layouts() {
    return List.of();
  }

  /** Which of {@link #layouts} this file has; empty where there are none. */
  default Optional<String> layout() {
    return Optional.empty();
  }

  /**
   * The same model in another layout, tensor by tensor. A file of nothing but the denoiser gets the
   * names that programs look for in such a file: those of diffusers have no prefix.
   *
   * @param layout one of {@link #layouts}
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if this file cannot be laid out so
   */
  default List<RelaidTensor> inLayout(String layout) {
    throw new IllegalArgumentException(layout);
  }

  /**
   * The moving average of a tensor of the denoiser that a trainer kept in the same file.
   *
   * @return empty if there is none, or none of the same shape
   */
  default Optional<TensorInfo> averageOf(TensorInfo tensor) {
    return Optional.empty();
  }

  /** All tensors, in the order of the file. */
  Collection<TensorInfo> tensors();

  /** The tensor with this key. */
  Optional<TensorInfo> find(String key);

  /**
   * The targets under all their names, a scope for each component, the denoiser first. Made anew by
   * every call; {@link TargetIndex#of} keeps them.
   */
  List<ModuleScope> modules();

  /** Whether it has this peculiarity. */
  default boolean has(Trait trait) {
    return traits().contains(trait);
  }

  /** The components that the file has, in the order of the constants. */
  default List<Component> components() {
    var found = EnumSet.noneOf(Component.class);
    tensors().forEach(tensor -> found.add(componentOf(tensor.key())));
    return new ArrayList<>(found);
  }

  /** In a few words: {@code SD 1.x, inpainting, no VAE}. */
  default String description() {
    return description("");
  }

  /**
   * In a few words, with some behind the architecture.
   *
   * @param noun such as {@code " checkpoint"}
   */
  default String description(String noun) {
    String peculiarities =
        traits().stream().map(trait -> ", " + trait.label()).collect(Collectors.joining());
    String gaps = missing().isEmpty() ? "" : ", incomplete (" + missing().size() + " keys missing)";
    String which = variant().map(variant -> " (" + variant + ")").orElse("");
    return architecture().label() + noun + which + peculiarities + gaps;
  }
}
