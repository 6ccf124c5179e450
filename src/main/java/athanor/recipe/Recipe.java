package athanor.recipe;

import athanor.merge.method.LoraMethods;
import athanor.merge.method.Method;
import athanor.merge.method.mix.MixMethods;
import athanor.merge.plan.MergeOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A merge as a user asks for it. Immutable.
 *
 * @param base the checkpoint that receives the others; empty for LoRA + LoRA
 * @param mix checkpoints that are combined with the base, in the given order
 * @param loras the LoRAs in the given order, at least one unless there is a mix
 * @param options how to compute and store
 * @param edits what else is changed of the base
 * @param method how they become one
 * @param saysSd2 whether the user said, in kohya's way, that the base is SD 2.x; compared with the
 *     file, which decides
 */
public record Recipe(
    Optional<Path> base,
    List<MixInput> mix,
    List<LoraInput> loras,
    MergeOptions options,
    CheckpointEdits edits,
    Method method,
    boolean saysSd2) {

  /** The paths of all files: base, further checkpoints, LoRAs, VAE. */
  public List<Path> files() {
    return Stream.of(
            base.stream(),
            mix.stream().flatMap(MixInput::files),
            loras.stream().map(LoraInput::file),
            edits.vae().stream())
        .flatMap(part -> part)
        .toList();
  }

  /** Whether the method is to be written down, as {@link MergeRequest#saysMethod} says. */
  public boolean saysMethod() {
    return base.isEmpty() || !mix.isEmpty() || !method.equals(MixMethods.LIST.standard());
  }

  /** Copies the lists. */
  public Recipe {
    mix = List.copyOf(mix);
    loras = List.copyOf(loras);
  }

  /** The sum of LoRAs and a base, or of LoRAs alone. */
  public Recipe(
      Optional<Path> base,
      List<LoraInput> loras,
      MergeOptions options,
      CheckpointEdits edits,
      boolean saysSd2) {
    this(
        base,
        List.of(),
        loras,
        options,
        edits,
        base.isPresent() ? MixMethods.LIST.standard() : LoraMethods.standard(),
        saysSd2);
  }

  /** A merge that leaves everything else of the base as it is. */
  public Recipe(Optional<Path> base, List<LoraInput> loras, MergeOptions options, boolean saysSd2) {
    this(base, loras, options, CheckpointEdits.none(), saysSd2);
  }
}
