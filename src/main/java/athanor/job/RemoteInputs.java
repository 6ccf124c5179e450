package athanor.job;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.format.StateDicts;
import athanor.hub.Fetched;
import athanor.hub.Hub;
import athanor.hub.Link;
import athanor.hub.Preview;
import athanor.hub.RemoteFile;
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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
  private final Cancellation cancellation;
  private final Map<Path, RemoteInput> byPlace = new LinkedHashMap<>();
  private @Nullable Hub hub;

  /** No inputs yet; {@code opening} gives the hub to use, which {@link #close} closes. */
  public RemoteInputs(Supplier<Hub> opening, Cancellation cancellation) {
    this.opening = opening;
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
   *     to several; of kind NETWORK if a service refuses or fails
   */
  public Map<String, Path> find(Collection<String> links) {
    Map<String, Path> places = new LinkedHashMap<>();
    if (links.isEmpty()) {
      return places;
    }
    Map<String, Link> parsed = new LinkedHashMap<>();
    links.forEach(text -> parsed.put(text, hub().parse(text)));
    Map<String, Found> found = findAll(parsed);
    found.forEach((text, file) -> places.put(text, place(file)));
    return places;
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

  private record Found(RemoteFile file, RemoteInput.State state) {}

  private Map<String, Found> findAll(Map<String, Link> links) {
    Map<String, Future<Found>> pending = new LinkedHashMap<>();
    Map<String, Found> found = new LinkedHashMap<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      links.forEach((text, link) -> pending.put(text, threads.submit(() -> find(link))));
      pending.forEach((text, future) -> found.put(text, result(future)));
    }
    return found;
  }

  private static Found result(Future<Found> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case AthanorException known -> throw known;
        case RuntimeException defect -> throw defect;
        case Error error -> throw error;
        case null, default -> throw new IllegalStateException(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while links were looked up", e);
    }
  }

  private Found find(Link link) {
    RemoteFile file = hub().resolve(link, cancellation);
    if (hub().forecast(file).orElse(-1) == 0) {
      Fetched here = hub().fetch(file, Progress.NONE, cancellation);
      return new Found(file, new RemoteInput.State.Here(here));
    }
    return switch (hub().preview(file, cancellation)) {
      case Preview.DeclaredOnly declared ->
          new Found(declared.file(), new RemoteInput.State.Declared(declared.reason()));
      case Preview.Opened readable -> new Found(readable.file(), lookedAt(readable));
    };
  }

  /** Reads the structure once, so that its blocks are at hand when it is judged. */
  private static RemoteInput.State lookedAt(Preview.Opened readable) {
    RangedSource bytes = readable.bytes();
    InputFile file = inPlace(Path.of(readable.file().localName()), bytes);
    if (!StateDicts.isReadableInPlace(file)) {
      bytes.close();
      return new RemoteInput.State.Scattered();
    }
    try {
      StateDicts.open(file, note -> {}).close();
    } catch (AthanorException e) {
      // Said when the recipe opens it, with its role in the merge.
    }
    return new RemoteInput.State.InPlace(bytes);
  }

  private static InputFile inPlace(Path place, RangedSource bytes) {
    return InputFile.elsewhere(
        place,
        bytes.size(),
        (position, target) -> target.put(bytes.read(position, target.remaining())));
  }

  private Path place(Found found) {
    Optional<RemoteInput> known =
        byPlace.values().stream()
            .filter(input -> input.file().identity().equals(found.file().identity()))
            .findFirst();
    if (known.isPresent()) {
      return known.get().place();
    }
    Path place =
        hub()
            .cache()
            .folder()
            .resolve("remote")
            .resolve(Integer.toString(byPlace.size() + 1))
            .resolve(found.file().localName());
    byPlace.put(place, new RemoteInput(place, found.file(), found.state()));
    return place;
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

  @Override
  public StateDict open(Path file, Consumer<String> notes) {
    RemoteInput input = byPlace.get(file);
    if (input == null) {
      return Inputs.LOCAL.open(file, notes);
    }
    return switch (input.state()) {
      case RemoteInput.State.Here here -> StateDicts.open(here.fetched().path(), notes);
      case RemoteInput.State.InPlace(RangedSource bytes) ->
          StateDicts.open(inPlace(file, bytes), notes);
      case RemoteInput.State.Declared(Problem reason) -> throw reason.toException();
      case RemoteInput.State.Scattered _ ->
          throw Problem.badFile("this file cannot be judged before it is downloaded")
              .at(input.file().displayName())
              .found("a PyTorch file in the format before version 1.6")
              .help("download it first: athanor get " + input.file().asked())
              .toException();
    };
  }

  @Override
  public InputOrigin origin(Path file) {
    return at(file).map(RemoteInput::origin).orElse(InputOrigin.UNKNOWN);
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
      items.add(
          new DownloadForecast.Item(
              input.file(), input.fetched().isPresent(), input.file().size()));
    }
    return new DownloadForecast(items, byPlace.isEmpty() ? Path.of("") : hub().cache().folder());
  }

  @Override
  public void close() {
    for (RemoteInput input : byPlace.values()) {
      if (input.state() instanceof RemoteInput.State.InPlace(RangedSource bytes)) {
        bytes.close();
      }
    }
    if (hub != null) {
      hub.close();
    }
  }
}
