package athanor.job;

import athanor.error.Problem;
import athanor.hub.Declared;
import athanor.hub.Fetched;
import athanor.hub.RemoteFile;
import athanor.net.RangedSource;
import athanor.recipe.InputOrigin;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An input that was given as a link: which file it means, and how much of it is at hand.
 * Thread-safe.
 */
public final class RemoteInput {
  private final Path place;
  private final RemoteFile file;
  private volatile State state;

  RemoteInput(Path place, RemoteFile file, State state) {
    this.place = place;
    this.file = file;
    this.state = state;
  }

  /** How much of the file is at hand. */
  sealed interface State {
    /** All of it. */
    record Here(Fetched fetched) implements State {}

    /** Its structure, by range requests. */
    record InPlace(RangedSource bytes) implements State {}

    /** Nothing until it is fetched: its structure is spread over the whole file. */
    record Scattered() implements State {}

    /** What its listing declares; the problem says why not more. */
    record Declared(Problem reason) implements State {}
  }

  /**
   * What stands for it in a recipe: a path whose last component is its name, with nothing there.
   */
  public Path place() {
    return place;
  }

  /** The file that the link means. */
  public RemoteFile file() {
    return file;
  }

  /** The file on this computer, once it is there. */
  public Optional<Fetched> fetched() {
    return state instanceof State.Here here ? Optional.of(here.fetched()) : Optional.empty();
  }

  /** Why only its listing is known, if that is so. */
  public Optional<Problem> declaredOnly() {
    return state instanceof State.Declared declared
        ? Optional.of(declared.reason())
        : Optional.empty();
  }

  /** Whether nothing can be said of it before it is fetched. */
  public boolean isScattered() {
    return state instanceof State.Scattered;
  }

  /** Its hash, its links, and what its listing says. */
  InputOrigin origin() {
    Declared declared = file.declared();
    String pinned = file.link().canonical();
    return new InputOrigin(
        file.sha256().or(() -> fetched().map(Fetched::sha256)),
        Optional.of(file.asked()),
        Optional.of(pinned).filter(link -> !link.equals(file.asked())),
        declared.triggerWords(),
        declared.creator(),
        declared.license(),
        declared.baseModel());
  }

  State state() {
    return state;
  }

  void arrived(Fetched fetched) {
    if (state instanceof State.InPlace inPlace) {
      inPlace.bytes().close();
    }
    state = new State.Here(fetched);
  }
}
