package athanor.recipe;

import athanor.merge.plan.Strength;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A checkpoint to be combined with the base, its files found.
 *
 * @param model the checkpoint
 * @param minus the checkpoint that it is a change from; empty for the base
 * @param strength how strongly
 */
public record MixInput(Path model, Optional<Path> minus, Strength strength) {
  /** The files: the model, then what it is a change from. */
  public Stream<Path> files() {
    return Stream.concat(Stream.of(model), minus.stream());
  }
}
