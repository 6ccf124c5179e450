package athanor.model;

import java.util.Optional;

/**
 * A model architecture: LoRAs of one fit checkpoints of the same one. Those that have a {@link
 * Layout} can be merged; the others are recognised so that they can be named. There is one object
 * for each, to be had from {@link Architectures}.
 */
public interface Architecture {

  /** What is known of it by name. */
  ArchitectureFacts facts();

  /** How its checkpoints are laid out; empty for one that is only recognised. */
  Optional<Layout> layout();

  /** A short name for options and JSON, such as {@code sdxl}. */
  default String id() {
    return facts().id();
  }

  /** What to call it in a sentence, such as {@code SD 1.x}. */
  default String label() {
    return facts().label();
  }

  /** Whether checkpoints of this architecture can be merged: whether it has a layout. */
  default boolean isMergeable() {
    return layout().isPresent();
  }

  /**
   * Whether LoRAs made for {@code other} address the modules of this architecture with the same
   * shapes. True for the distilled variants of an architecture and itself, in both directions: what
   * one lacks has no target.
   */
  default boolean sharesModulesWith(Architecture other) {
    return equals(other)
        || (facts().modules().isPresent() && facts().modules().equals(other.facts().modules()));
  }

  /** Whether the VAE of {@code other} reads and writes the latents of this architecture. */
  default boolean sharesVaeWith(Architecture other) {
    return facts().vae().isPresent() && facts().vae().equals(other.facts().vae());
  }

  /** Whether kohya's scripts call it by this option, such as {@code --v2}. */
  default boolean isClaimedBy(String flag) {
    return facts().flag().filter(flag::equals).isPresent();
  }

  /**
   * Whether models of it predict noise or v, and neither keys nor shapes say which: SD 2.x. What
   * such models write into metadata depends on it.
   */
  default boolean hidesPrediction() {
    return facts().noiseModelspec().isPresent();
  }

  /** {@code modelspec.architecture} of a checkpoint; a LoRA appends {@code /lora}. */
  default Optional<String> modelspecArchitecture() {
    return facts().modelspec();
  }

  /** {@code modelspec.resolution}, such as {@code 1024x1024}. */
  default Optional<String> modelspecResolution() {
    return facts().resolution().stream().mapToObj(side -> side + "x" + side).findFirst();
  }

  /** {@code modelspec.implementation} of a checkpoint. */
  default Optional<String> modelspecImplementation() {
    return facts().implementation();
  }

  /** {@code modelspec.implementation} of a LoRA. */
  default Optional<String> modelspecLoraImplementation() {
    return facts().loraImplementation();
  }
}
