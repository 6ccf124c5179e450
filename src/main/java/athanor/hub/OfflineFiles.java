package athanor.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What links mean when nobody can be asked: what they led to last, if that is still here. */
final class OfflineFiles {
  private OfflineFiles() {}

  static Optional<RemoteFile> find(Link link, Cache cache, HuggingFaceCache huggingFaceCache) {
    return cache
        .remembered(link.canonical())
        .map(entry -> file(link, entry.path(), entry.sha256()))
        .or(() -> inHuggingFaceCache(link, huggingFaceCache));
  }

  /** A file beside the one that a link led to, remembered under this text. */
  static Optional<RemoteFile> beside(Link link, String name, String asked, Cache cache) {
    Optional<Link.HubFile> wanted =
        switch (link) {
          case Link.HubFile file -> Optional.of(file.beside(name));
          case Link.HubRepo repo ->
              Optional.of(
                  new Link.HubFile(repo.repo(), repo.revision(), inFolder(repo.folder(), name)));
          default -> Optional.empty();
        };
    return wanted.flatMap(each ->
        cache
            .remembered(asked)
            .map(entry -> file(each, entry.path(), entry.sha256()).askedAs(asked)));
  }

  private static String inFolder(String folder, String name) {
    return folder.isEmpty() ? name : folder + "/" + name;
  }

  private static Optional<RemoteFile> inHuggingFaceCache(Link link, HuggingFaceCache cache) {
    if (!(link instanceof Link.HubFile asked)) {
      return Optional.empty();
    }
    Optional<String> commit = cache.commit(asked.repo(), asked.revision());
    Optional<Path> path = commit.flatMap(each -> cache.file(asked.repo(), each, asked.path()));
    Optional<String> sha256 = path.flatMap(HuggingFaceCache::sha256);
    return sha256.map(hash ->
        file(
                new Link.HubFile(asked.repo(), commit.orElseThrow(), asked.path()),
                path.orElseThrow(),
                hash)
            .askedAs(link));
  }

  private static RemoteFile file(Link link, Path path, String sha256) {
    String name = String.valueOf(path.getFileName());
    Service service =
        switch (link) {
          case Link.HubFile file -> Service.HUGGING_FACE;
          case Link.HubRepo repo -> Service.HUGGING_FACE;
          case Link.CivitaiModel model -> Service.CIVITAI;
          case Link.CivitaiVersion version -> Service.CIVITAI;
          case Link.Web web -> Service.WEB;
        };
    return new RemoteFile(
        service,
        link,
        link.canonical(),
        name,
        SafeName.of(name, "download"),
        size(path),
        true,
        Optional.of(sha256),
        Optional.empty(),
        Access.OPEN,
        new Declared(
            Optional.of(name),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()),
        link.canonical());
  }

  private static OptionalLong size(Path path) {
    try {
      return OptionalLong.of(Files.size(path));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
