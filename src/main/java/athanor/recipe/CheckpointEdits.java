package athanor.recipe;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What is to become of the parts of a checkpoint that no LoRA changes. Immutable.
 *
 * @param vae a file whose VAE replaces that of the checkpoint, or is added to it
 * @param fixPositions whether damaged {@code position_ids} are written as they should be
 */
public record CheckpointEdits(Optional<Path> vae, boolean fixPositions) {

  /** All of them stay as they are. */
  public static CheckpointEdits none() {
    return new CheckpointEdits(Optional.empty(), false);
  }
}
