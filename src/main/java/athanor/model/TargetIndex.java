package athanor.model;

import athanor.model.naming.ModuleScope;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Every target of a checkpoint under every spelling of its module name. The names are made from the
 * checkpoint's own keys, and only whole names match: an underscore name cannot be taken apart
 * reliably, but it can be looked up.
 *
 * <p>Understood are, for the UNet, the latent-diffusion and the diffusers names, flattened behind
 * {@code lora_unet_} (also with the underscore doubled), {@code oft_unet_} and {@code lycoris_},
 * and dotted behind {@code unet.}, {@code diffusion_model.}, {@code model.diffusion_model.} or
 * nothing; for text encoders the Hugging Face names, with and without {@code text_model.}, behind
 * {@code lora_te_}, {@code lora_te1_}, {@code lora_te2_}, {@code text_encoder.}, {@code
 * text_encoder_2.}, {@code text_encoders.clip_l.transformer.} and the like; {@code
 * base_model.model.} may stand before or after the component; old attention-processor names; and
 * the keys of the file itself without {@code .weight}. Immutable and thread-safe.
 */
public final class TargetIndex {
  private final List<ModuleScope> scopes;

  private TargetIndex(List<ModuleScope> scopes) {
    this.scopes = List.copyOf(scopes);
  }

  /** The index of a checkpoint; tens of milliseconds at most. */
  public static TargetIndex of(CheckpointModel model) {
    return new TargetIndex(model.modules());
  }

  /**
   * The index of a complete checkpoint of an architecture, for work without a checkpoint.
   *
   * @return empty for architectures that are not mergeable
   */
  public static Optional<TargetIndex> ofReference(Architecture architecture) {
    return ReferenceCheckpoint.of(architecture)
        .map(Recognition::of)
        .map(recognition -> of(((Recognition.Checkpoint) recognition).model()));
  }

  /** What a LoRA module of this name changes; empty when the checkpoint has no such module. */
  public Optional<Target> find(String module) {
    for (ModuleScope scope : scopes) {
      Optional<Target> target = scope.find(module);
      if (target.isPresent()) {
        return target;
      }
    }
    return Optional.empty();
  }

  /**
   * What a LoRA module of this name changes, where the checkpoint has it in several tensors; empty
   * when it has no such module, or has it in one.
   */
  public Optional<FusedModule> findFused(String module) {
    return scopes.stream().flatMap(scope -> scope.findFused(module).stream()).findFirst();
  }

  /**
   * The parts of a fused module: the smallest targets that are some of its rows, in the order of
   * its rows. An update of the whole is one of each part, restricted to the part's rows, and the
   * reverse.
   *
   * @return none if the module is not fused
   */
  public List<Target> partsOf(Target whole) {
    List<Target> inside =
        scopes.stream()
            .flatMap(scope -> scope.targets().stream())
            .filter(target -> !target.equals(whole) && whole.contains(target))
            .distinct()
            .sorted(Comparator.comparingLong(target -> target.weight().first()))
            .toList();
    return inside.stream()
        .filter(target ->
            inside.stream().noneMatch(part -> !part.equals(target) && target.contains(part)))
        .toList();
  }

  /** All targets, the denoiser first, each once; fused tensors beside their slices. */
  public Set<Target> targets() {
    var all = new LinkedHashSet<Target>();
    scopes.forEach(scope -> all.addAll(scope.targets()));
    return all;
  }
}
