package athanor.recipe;

import athanor.merge.plan.Strength;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A checkpoint to be combined with the base, as a user asks for it. Immutable.
 *
 * @param model a file or a link
 * @param minus the checkpoint that it is a change from; empty for the base
 * @param strength how strongly
 */
public record MixRequest(InputRequest model, Optional<InputRequest> minus, Strength strength) {

  /** A checkpoint all of whose parts have its ratio. */
  public MixRequest(String file, double ratio) {
    this(new InputRequest(file), Optional.empty(), Strength.of(ratio));
  }

  /** The files: the model, then what it is a change from. */
  Stream<InputRequest> inputs() {
    return Stream.concat(Stream.of(model), minus.stream());
  }

  /** The same with other files; asked in the order of {@link #inputs}. */
  MixRequest withInputs(UnaryOperator<InputRequest> change) {
    return new MixRequest(change.apply(model), minus.map(change), strength);
  }

  /** The same with a path for each file. */
  MixInput located(Function<InputRequest, Path> places) {
    return new MixInput(places.apply(model), minus.map(places), strength);
  }
}
