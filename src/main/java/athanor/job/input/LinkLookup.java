package athanor.job.input;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.file.InputFile;
import athanor.format.StateDicts;
import athanor.hub.Fetched;
import athanor.hub.Hub;
import athanor.hub.Link;
import athanor.hub.Preview;
import athanor.hub.RemoteFile;
import athanor.hub.ShardedModel;
import athanor.net.RangedSource;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Finds the files that links mean and reads what can be read of their structure, all at the same
 * time. Thread-safe.
 *
 * @param hub the way there
 * @param cancellation stops it
 */
record LinkLookup(Hub hub, Cancellation cancellation) {

  /**
   * What a link means.
   *
   * @param file the file
   * @param state how much of it is at hand
   * @param parts the other files if this is the index of several, by the names it gives them
   */
  record Found(RemoteFile file, RemoteInput.State state, Map<String, Found> parts) {}

  /** Finds the files of all links, by the same keys. */
  Map<String, Found> findAll(Map<String, Link> links) {
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
    RemoteFile file = hub.resolve(link, cancellation);
    if (hub.forecast(file).orElse(-1) == 0) {
      return here(file);
    }
    return switch (hub.preview(file, cancellation)) {
      case Preview.DeclaredOnly declared ->
          new Found(declared.file(), new RemoteInput.State.Declared(declared.reason()), Map.of());
      case Preview.Opened readable when ShardedModel.isIndex(file) -> {
        readable.bytes().close();
        yield here(file);
      }
      case Preview.Opened readable -> new Found(readable.file(), lookedAt(readable), Map.of());
    };
  }

  /** A file of the cache, or an index, which is small and names the files to look at. */
  private Found here(RemoteFile file) {
    Fetched fetched = hub.fetch(file, Progress.NONE, cancellation);
    Map<String, Found> parts =
        ShardedModel.isIndex(file) ? findAll(ShardedModel.shards(file, fetched.path())) : Map.of();
    return new Found(file, new RemoteInput.State.Here(fetched), parts);
  }

  /** Reads the structure once, so that its blocks are at hand when it is judged. */
  private RemoteInput.State lookedAt(Preview.Opened readable) {
    RangedSource bytes = readable.bytes();
    InputFile file = inPlace(Path.of(readable.file().localName()), bytes);
    try {
      if (!StateDicts.isReadableInPlace(file)) {
        return unjudged(readable, "a PyTorch file in the format before version 1.6");
      }
      StateDicts.open(file, note -> {}).close();
    } catch (AthanorException e) {
      if (!bytes.isRanged() && e.problem().kind() == Kind.NETWORK) {
        return unjudged(readable, "its server sends files only whole");
      }
      // Said when the recipe opens it, with its role in the merge.
    }
    return new RemoteInput.State.InPlace(bytes);
  }

  private RemoteInput.State unjudged(Preview.Opened readable, String why) {
    readable.bytes().close();
    hub.tell(
        readable.file().localName() + ": can be judged only when it is here, not before: " + why);
    return new RemoteInput.State.Unjudged(why);
  }

  static InputFile inPlace(Path place, RangedSource bytes) {
    return InputFile.elsewhere(
        place,
        bytes.size(),
        (position, target) -> target.put(bytes.read(position, target.remaining())));
  }
}
