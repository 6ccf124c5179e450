package athanor.hub;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.net.Download;
import athanor.net.ExclusiveFile;
import athanor.net.FileHash;
import athanor.net.Http;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** Fetches files: from a cache if one has them, else over the network. Thread-safe. */
final class Fetcher {
  private static final long COPIED_AT_ONCE = 64 << 20;

  private final HubSettings settings;
  private final Http http;
  private final Cache cache;
  private final HuggingFaceCache huggingFaceCache;
  private final Function<Service, Host> hosts;

  Fetcher(
      HubSettings settings,
      Http http,
      Cache cache,
      HuggingFaceCache huggingFaceCache,
      Function<Service, Host> hosts) {
    this.settings = settings;
    this.http = http;
    this.cache = cache;
    this.huggingFaceCache = huggingFaceCache;
    this.hosts = hosts;
  }

  /** The file in this program's cache, or in the one of Hugging Face's tools. */
  Optional<Fetched> cached(RemoteFile file, Progress progress, Cancellation cancellation) {
    Optional<Cache.Entry> entry =
        file.sha256().flatMap(cache::find).or(() -> cache.remembered(file.identity()));
    if (entry.isPresent()) {
      Cache.Entry found = entry.get();
      return Optional.of(
          new Fetched(found.path(), found.size(), found.sha256(), Fetched.How.FROM_CACHE, 0));
    }
    return inHuggingFaceCache(file)
        .flatMap(path -> verified(path, file.sha256().orElse(""), progress, cancellation));
  }

  /** Whether fetching would move no bytes; reads none. */
  boolean isHere(RemoteFile file) {
    return file.sha256().flatMap(cache::find).isPresent()
        || cache.remembered(file.identity()).isPresent()
        || inHuggingFaceCache(file).isPresent();
  }

  private Optional<Path> inHuggingFaceCache(RemoteFile file) {
    if (!(file.link() instanceof Link.HubFile link) || file.sha256().isEmpty()) {
      return Optional.empty();
    }
    return huggingFaceCache
        .blob(link.repo(), file.sha256().get(), file.exactSize())
        .flatMap(blob ->
            huggingFaceCache
                .file(link.repo(), link.revision(), link.path())
                .or(() -> Optional.of(blob)));
  }

  /** A file of the other cache, if its bytes are right; they are read once and then trusted. */
  private Optional<Fetched> verified(
      Path path, String sha256, Progress progress, Cancellation cancellation) {
    try {
      long size = Files.size(path);
      if (!cache.isVerified(path, sha256)) {
        progress.begin("verifying " + path.getFileName(), size, 0);
        String actual = FileHash.sha256(path, progress, cancellation);
        progress.end();
        if (!actual.equals(sha256)) {
          http.settings().notices().accept("damaged file in the Hugging Face cache: " + path);
          return Optional.empty();
        }
        cache.verified(path, sha256);
      }
      return Optional.of(new Fetched(path, size, sha256, Fetched.How.FROM_HUGGING_FACE_CACHE, 0));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Fetches the file into the cache. */
  Fetched fetch(RemoteFile file, Progress progress, Cancellation cancellation) {
    Optional<Fetched> cached = cached(file, progress, cancellation);
    if (cached.isPresent()) {
      remember(file, cached.get().sha256());
      return cached.get();
    }
    requireNetwork(file.displayName());
    Path place =
        file.sha256().isPresent()
            ? cache.placeFor(file.sha256().get(), file.localName())
            : cache.waitingPlaceFor(file.identity(), file.localName());
    Optional<Download.Arrived> complete = complete(place, file, cancellation);
    Download.Arrived arrived =
        complete.isPresent() ? complete.get() : overNetwork(file, place, progress, cancellation);
    Cache.Entry entry = cache.add(arrived.path(), arrived.sha256(), file);
    remember(file, entry.sha256());
    return new Fetched(
        entry.path(), entry.size(), entry.sha256(), Fetched.How.DOWNLOADED, arrived.transferred());
  }

  /**
   * A complete file that a killed run could not enter any more; one that was changed is removed.
   */
  private static Optional<Download.Arrived> complete(
      Path place, RemoteFile file, Cancellation cancellation) {
    try {
      if (!Files.isRegularFile(place)) {
        return Optional.empty();
      }
      String hash = FileHash.sha256(place, Progress.NONE, cancellation);
      if (file.sha256().isEmpty() || file.sha256().get().equals(hash)) {
        return Optional.of(new Download.Arrived(place, Files.size(place), hash, 0));
      }
      Files.delete(place);
      return Optional.empty();
    } catch (IOException e) {
      throw unwritable(place, e);
    }
  }

  private void remember(RemoteFile file, String sha256) {
    cache.remember(List.of(file.identity(), file.asked(), file.link().canonical()), sha256);
  }

  private Download.Arrived overNetwork(
      RemoteFile file, Path target, Progress progress, Cancellation cancellation) {
    Host host = hosts.apply(file.service());
    var wanted =
        new Download.Wanted(
            file.identity(), file.localName(), file.exactSize(), file.sha256(), target);
    return Download.run(
        http,
        host.body(file, Optional.empty()),
        wanted,
        new CompleteModel(),
        progress,
        cancellation);
  }

  /** Fetches the file into a folder, under a name that nothing else has there. */
  Fetched download(RemoteFile file, Path folder, Progress progress, Cancellation cancellation) {
    Path target = createFolder(folder).resolve(file.localName());
    if (Files.exists(target)) {
      Optional<Fetched> same = same(file, target, progress, cancellation);
      if (same.isPresent()) {
        return same.get();
      }
      target = otherName(file, folder);
      same = same(file, target, progress, cancellation);
      if (same.isPresent()) {
        return same.get();
      }
    }
    Optional<Fetched> cached = cached(file, progress, cancellation);
    if (cached.isPresent()) {
      return copy(cached.get(), target, cancellation);
    }
    requireNetwork(file.displayName());
    Download.Arrived arrived = overNetwork(file, target, progress, cancellation);
    return new Fetched(
        arrived.path(),
        arrived.size(),
        arrived.sha256(),
        Fetched.How.DOWNLOADED,
        arrived.transferred());
  }

  private static Path createFolder(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
  }

  private static RuntimeException unwritable(Path path, IOException e) {
    return Problem.usage("this place cannot be written to")
        .at(path.toString())
        .help("choose another folder")
        .toException(e);
  }

  /** The file at a path if it has the listed hash. */
  private Optional<Fetched> same(
      RemoteFile file, Path path, Progress progress, Cancellation cancellation) {
    try {
      OptionalLong size = file.exactSize();
      if (file.sha256().isEmpty()
          || !Files.isRegularFile(path)
          || (size.isPresent() && Files.size(path) != size.getAsLong())) {
        return Optional.empty();
      }
      progress.begin("comparing " + path.getFileName(), Files.size(path), 0);
      String hash = FileHash.sha256(path, progress, cancellation);
      progress.end();
      return hash.equals(file.sha256().get())
          ? Optional.of(new Fetched(path, Files.size(path), hash, Fetched.How.ALREADY_THERE, 0))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** A name that says which of several it is; the same at every run, so that it can be resumed. */
  private static Path otherName(RemoteFile file, Path folder) {
    if (file.sha256().isPresent()) {
      String lead = file.sha256().get().substring(0, 8);
      return folder.resolve(SafeName.with(file.localName(), lead));
    }
    for (int number = 2; ; number++) {
      Path path = folder.resolve(SafeName.with(file.localName(), Integer.toString(number)));
      if (!Files.exists(path)) {
        return path;
      }
    }
  }

  private Fetched copy(Fetched cached, Path target, Cancellation cancellation) {
    Path fresh = target.resolveSibling(target.getFileName() + ".athanor-copy");
    try (FileChannel copy = ExclusiveFile.open(fresh, () -> waiting(target), cancellation)) {
      try {
        copy.truncate(0);
        copyInto(copy, cached.path(), cancellation);
        copy.force(true);
        Files.move(fresh, target);
      } catch (IOException | RuntimeException e) {
        Files.deleteIfExists(fresh);
        throw e;
      }
      return new Fetched(target, cached.size(), cached.sha256(), cached.how(), 0);
    } catch (IOException e) {
      throw Problem.of(Kind.RESOURCES, "the file cannot be copied from the cache")
          .at(target.toString())
          .found(String.valueOf(e.getMessage()))
          .toException(e);
    }
  }

  private void waiting(Path target) {
    http.settings()
        .notices()
        .accept("another run is copying " + target.getFileName() + "; waiting for it");
  }

  private static void copyInto(FileChannel copy, Path from, Cancellation cancellation)
      throws IOException {
    try (FileChannel source = FileChannel.open(from, StandardOpenOption.READ)) {
      long size = source.size();
      for (long at = 0; at < size; ) {
        cancellation.check();
        long count = source.transferTo(at, Math.min(COPIED_AT_ONCE, size - at), copy);
        if (count <= 0) {
          throw new IOException("the file in the cache became shorter");
        }
        at += count;
      }
    }
  }

  void requireNetwork(String what) {
    settings
        .offline()
        .ifPresent(variable -> {
          throw Problem.of(
                  Kind.NETWORK, "this is not in the cache, and the network is switched off")
              .at(what)
              .found(variable + " is set")
              .help("unset " + variable + ", or fetch it on a computer that is online")
              .toException();
        });
  }
}
