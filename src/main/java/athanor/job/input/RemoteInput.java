package athanor.job.input;

import athanor.error.Problem;
import athanor.hub.Declared;
import athanor.hub.Fetched;
import athanor.hub.RemoteFile;
import athanor.net.RangedSource;
import athanor.recipe.InputOrigin;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * An input that was given as a link: which file it means, and how much of it is at hand.
 * Thread-safe.
 */
public final class RemoteInput {
  private final Path place;
  private final RemoteFile file;
  private final Map<String, RemoteInput> parts;
  private volatile State state;

  RemoteInput(Path place, RemoteFile file, State state, Map<String, RemoteInput> parts) {
    this.place = place;
    this.file = file;
    this.state = state;
    this.parts = Collections.unmodifiableMap(parts);
  }

  /** How much of the file is at hand. */
  sealed interface State {
    /** All of it. */
    record Here(Fetched fetched) implements State {}

    /** Its structure, by range requests. */
    record InPlace(RangedSource bytes) implements State {}

    /** Nothing until it is fetched, for this reason. */
    record Unjudged(String reason) implements State {}

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

  /**
   * The other files if this is the index of a model in several, by the names that the index gives
   * them; else empty.
   */
  public Map<String, RemoteInput> parts() {
    return parts;
  }

  /** This file and its parts. */
  public Stream<RemoteInput> files() {
    return Stream.concat(Stream.of(this), parts.values().stream());
  }

  /** Size in bytes of all its files, if known. */
  public OptionalLong size() {
    return files().anyMatch(each -> each.file.size().isEmpty())
        ? OptionalLong.empty()
        : OptionalLong.of(files().mapToLong(each -> each.file.size().orElseThrow()).sum());
  }

  /** The file on this computer, once it is there with all its parts. */
  public Optional<Fetched> fetched() {
    boolean complete = parts.values().stream().allMatch(part -> part.fetched().isPresent());
    return complete && state instanceof State.Here here
        ? Optional.of(here.fetched())
        : Optional.empty();
  }

  /** Why only its listing is known, or that of a part, if that is so. */
  public Optional<Problem> declaredOnly() {
    return files()
        .flatMap(each ->
            each.state instanceof State.Declared(Problem why) ? Stream.of(why) : Stream.empty())
        .findFirst();
  }

  /** Why its structure cannot be read before it is fetched, if that is so. */
  public Optional<Problem> unreadable() {
    return declaredOnly().or(() -> files().flatMap(each -> each.unjudged().stream()).findFirst());
  }

  private Optional<Problem> unjudged() {
    return state instanceof State.Unjudged(String why)
        ? Optional.of(
            Problem.badFile("this file cannot be judged before it is downloaded")
                .at(file.displayName())
                .found(why)
                .help("download it first: athanor get " + file.asked()))
        : Optional.empty();
  }

  /** Whether nothing can be said of it before it is fetched. */
  public boolean isScattered() {
    return files().anyMatch(each -> each.unjudged().isPresent());
  }

  /** Its hash, its links, and what its listing says. */
  public InputOrigin origin() {
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
    close();
    state = new State.Here(fetched);
  }

  /** Ends reading it in place. */
  void close() {
    if (state instanceof State.InPlace inPlace) {
      inPlace.bytes().close();
    }
  }
}
