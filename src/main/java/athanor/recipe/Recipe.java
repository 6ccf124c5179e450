package athanor.recipe;

import athanor.merge.plan.MergeOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A merge as a user asks for it. Immutable.
 *
 * @param base the checkpoint that receives the LoRAs; empty for LoRA + LoRA
 * @param loras the LoRAs in the given order, at least one
 * @param options how to compute and store
 * @param edits what else is changed of the base
 * @param saysSd2 whether the user said, in kohya's way, that the base is SD 2.x; compared with the
 *     file, which decides
 */
public record Recipe(
    Optional<Path> base,
    List<LoraInput> loras,
    MergeOptions options,
    CheckpointEdits edits,
    boolean saysSd2) {

  /** The paths of all files: base, LoRAs, VAE. */
  public List<Path> files() {
    return Stream.of(base.stream(), loras.stream().map(LoraInput::file), edits.vae().stream())
        .flatMap(part -> part)
        .toList();
  }

  /** Copies the list. */
  public Recipe {
    loras = List.copyOf(loras);
  }

  /** A merge that leaves everything else of the base as it is. */
  public Recipe(Optional<Path> base, List<LoraInput> loras, MergeOptions options, boolean saysSd2) {
    this(base, loras, options, CheckpointEdits.none(), saysSd2);
  }
}
