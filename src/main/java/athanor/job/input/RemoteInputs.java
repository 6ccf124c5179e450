package athanor.job.input;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.format.StateDicts;
import athanor.hub.Fetched;
import athanor.hub.Hub;
import athanor.hub.Link;
import athanor.hub.LinkOrigin;
import athanor.net.RangedSource;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.InputOrigin;
import athanor.recipe.InputRequest;
import athanor.recipe.MergeRequest;
import athanor.recipe.Recipe;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Inputs given as links. Each is found and its structure read where it lies, all at the same time;
 * in the recipe a path stands for it. Opening that path gives its structure until the file is
 * fetched, and the whole file from then on. Paths of this computer are opened as ever.
 *
 * <p>To be used by one thread at a time; the hub is opened only if there is a link.
 */
public final class RemoteInputs implements Inputs, AutoCloseable {
  private final Supplier<Hub> opening;
  private final LinkOrigin origin;
  private final Cancellation cancellation;
  private final Map<Path, RemoteInput> byPlace = new LinkedHashMap<>();
  private final Map<Path, String> localHashes = new HashMap<>();
  private final Map<Companion, Optional<Path>> companions = new HashMap<>();
  private @Nullable Hub hub;

  /** No inputs yet, whose links the user gives. */
  public RemoteInputs(Supplier<Hub> opening, Cancellation cancellation) {
    this(opening, LinkOrigin.USER, cancellation);
  }

  /**
   * No inputs yet.
   *
   * @param opening gives the hub to use, which {@link #close} closes
   * @param origin who gives the links; of those out of files it is said where they lead, before
   *     anything is requested
   */
  public RemoteInputs(Supplier<Hub> opening, LinkOrigin origin, Cancellation cancellation) {
    this.opening = opening;
    this.origin = origin;
    this.cancellation = cancellation;
  }

  private Hub hub() {
    if (hub == null) {
      hub = opening.get();
    }
    return hub;
  }

  /**
   * Finds the files that links mean and reads what can be read of their structure. The same file
   * twice gets the same path.
   *
   * @return for each link the path that stands for its file
   * @throws AthanorException of kind USAGE if a text is no link that can lead to a file, or leads
   *     to several, or comes from a file and leads where such links must not; of kind NETWORK if a
   *     service refuses or fails
   */
  public Map<String, Path> find(Collection<String> links) {
    Map<String, Path> places = new LinkedHashMap<>();
    if (links.isEmpty()) {
      return places;
    }
    Map<String, Link> parsed = new LinkedHashMap<>();
    links.forEach(text -> parsed.put(text, hub().parse(text, origin)));
    if (origin != LinkOrigin.USER) {
      announce(parsed.values());
    }
    new LinkLookup(hub(), cancellation)
        .findAll(parsed)
        .forEach((text, found) -> places.put(text, place(found)));
    return places;
  }

  private void announce(Collection<Link> links) {
    List<String> hosts =
        links.stream().flatMap(link -> hub().server(link).stream()).distinct().toList();
    if (!hosts.isEmpty()) {
      hub().tell("the links in the file lead to " + String.join(", ", hosts) + ": asking there");
    }
  }

  /**
   * The arguments as paths: those that are links found, all at the same time, the others as they
   * are.
   *
   * @throws AthanorException as {@link #find}
   */
  public List<Path> locate(String... arguments) {
    Map<String, Path> places = find(Stream.of(arguments).filter(Link::looksLikeLink).toList());
    return Stream.of(arguments).map(text -> places.getOrDefault(text, Path.of(text))).toList();
  }

  /**
   * A request with a path for each file: of links, the file that they mean, which this can open.
   *
   * @throws AthanorException as {@link #find}; of kind USAGE if a file name is none
   */
  public Recipe locate(MergeRequest request) {
    Set<String> links = new LinkedHashSet<>();
    request.inputs().stream().filter(InputRequest::isLink).forEach(link -> links.add(link.text()));
    Map<String, Path> places = find(links);
    return request.located(
        input -> input.isLink() ? Objects.requireNonNull(places.get(input.text())) : input.path());
  }

  private Path place(LinkLookup.Found found) {
    Optional<RemoteInput> known =
        byPlace.values().stream()
            .filter(input -> input.file().identity().equals(found.file().identity()))
            .findFirst();
    if (known.isPresent()) {
      return known.get().place();
    }
    Path folder = hub().cache().folder().resolve("remote");
    RemoteInput input = input(folder.resolve(Integer.toString(byPlace.size() + 1)), found);
    byPlace.put(input.place(), input);
    return input.place();
  }

  private static RemoteInput input(Path folder, LinkLookup.Found found) {
    Map<String, RemoteInput> parts = new LinkedHashMap<>();
    found.parts().forEach((name, part) -> parts.put(name, input(folder, part)));
    Path place = folder.resolve(found.file().localName());
    return new RemoteInput(place, found.file(), found.state(), parts);
  }

  /** All of them, in the order in which they were found. */
  public List<RemoteInput> all() {
    return List.copyOf(byPlace.values());
  }

  /** The input that this path stands for; empty for a file of this computer. */
  public Optional<RemoteInput> at(Path place) {
    return Optional.ofNullable(byPlace.get(place));
  }

  /** Why the bytes of some input cannot be had, for the first such one. */
  public Optional<Problem> refusal() {
    return byPlace.values().stream().flatMap(input -> input.declaredOnly().stream()).findFirst();
  }

  /**
   * Why the structure of some input cannot be read before it is fetched, for the first such one.
   */
  public Optional<Problem> unreadable() {
    return byPlace.values().stream().flatMap(input -> input.unreadable().stream()).findFirst();
  }

  @Override
  public StateDict open(Path file, Consumer<String> notes) {
    RemoteInput input = byPlace.get(file);
    if (input == null) {
      return Inputs.LOCAL.open(file, notes);
    }
    InputFile bytes = bytes(input).accompaniedBy(name -> companion(input, name));
    return input.parts().isEmpty()
        ? StateDicts.open(bytes, notes)
        : StateDicts.openSharded(bytes, name -> shard(input, name), notes);
  }

  /** A file beside this one on its server, fetched when it is first asked for. */
  private Optional<Path> companion(RemoteInput input, String name) {
    return companions.computeIfAbsent(
        new Companion(input.place(), name),
        _ -> AdapterConfiguration.fetch(hub(), input.file(), name, cancellation));
  }

  private record Companion(Path place, String name) {}

  private static InputFile shard(RemoteInput index, String name) {
    return bytes(Objects.requireNonNull(index.parts().get(name)));
  }

  private static InputFile bytes(RemoteInput input) {
    return switch (input.state()) {
      case RemoteInput.State.Here here -> InputFile.open(here.fetched().path());
      case RemoteInput.State.InPlace(RangedSource source) ->
          LinkLookup.inPlace(input.place(), source);
      case RemoteInput.State.Declared(Problem reason) -> throw reason.toException();
      case RemoteInput.State.Unjudged _ -> throw input.unreadable().orElseThrow().toException();
    };
  }

  @Override
  public InputOrigin origin(Path file) {
    return at(file)
        .map(RemoteInput::origin)
        .orElseGet(() ->
            Optional.ofNullable(localHashes.get(file))
                .map(InputOrigin::ofHash)
                .orElse(InputOrigin.UNKNOWN));
  }

  /** Notes the SHA-256 of a file of this computer. */
  void noteHash(Path file, String sha256) {
    localHashes.put(file, sha256);
  }

  /**
   * Fetches an input, unless it is here.
   *
   * @throws AthanorException as {@link Hub#fetch}
   */
  public Fetched fetch(RemoteInput input, Progress progress) {
    Optional<Fetched> here = input.fetched();
    if (here.isPresent()) {
      return here.get();
    }
    input.parts().values().forEach(part -> fetch(part, progress));
    Fetched fetched = hub().fetch(input.file(), progress, cancellation);
    input.arrived(fetched);
    return fetched;
  }

  /**
   * The file of an argument on this computer: a path as it is, a link fetched.
   *
   * @throws AthanorException as {@link #find} and {@link #fetch}
   */
  public Path bring(String argument, Progress progress) {
    if (!Link.looksLikeLink(argument)) {
      return Path.of(argument);
    }
    Path place = Objects.requireNonNull(find(List.of(argument)).get(argument));
    return fetch(Objects.requireNonNull(byPlace.get(place)), progress).path();
  }

  /** What fetching all of them would move. */
  public DownloadForecast forecast() {
    List<DownloadForecast.Item> items = new ArrayList<>();
    for (RemoteInput input : byPlace.values()) {
      input
          .files()
          .forEach(file ->
              items.add(
                  new DownloadForecast.Item(
                      file.file(), file.fetched().isPresent(), file.file().size())));
    }
    return new DownloadForecast(items, byPlace.isEmpty() ? Path.of("") : hub().cache().folder());
  }

  @Override
  public void close() {
    byPlace.values().stream().flatMap(RemoteInput::files).forEach(RemoteInput::close);
    if (hub != null) {
      hub.close();
    }
  }
}
