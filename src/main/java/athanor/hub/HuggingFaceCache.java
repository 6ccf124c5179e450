package athanor.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The cache that Hugging Face's own tools share: {@code models--ORG--NAME} with {@code refs},
 * {@code blobs} and {@code snapshots}. It is only read.
 */
final class HuggingFaceCache {
  private final Path root;

  HuggingFaceCache(Path root) {
    this.root = root;
  }

  private Path folder(Link.Repo repo) {
    String name = repo.type().apiName() + "--" + repo.id().replace("/", "--");
    return root.resolve(name);
  }

  /** The blob with this hash in the repository, if its size is right. */
  Optional<Path> blob(Link.Repo repo, String sha256, OptionalLong size) {
    return present(folder(repo).resolve("blobs").resolve(sha256), size);
  }

  /** The commit that a revision meant when it was fetched last. */
  Optional<String> commit(Link.Repo repo, String revision) {
    if (isCommit(revision)) {
      return Optional.of(revision);
    }
    try {
      Path refs = folder(repo).resolve("refs");
      Path ref = refs.resolve(revision).normalize();
      return ref.startsWith(refs)
          ? Optional.of(Files.readString(ref).strip()).filter(HuggingFaceCache::isCommit)
          : Optional.empty();
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  /** A file of a commit. */
  Optional<Path> file(Link.Repo repo, String commit, String path) {
    try {
      Path snapshot = folder(repo).resolve("snapshots").resolve(commit);
      Path file = snapshot.resolve(path).normalize();
      return file.startsWith(snapshot) ? present(file, OptionalLong.empty()) : Optional.empty();
    } catch (InvalidPathException e) {
      return Optional.empty(); // A name that no file of this computer can have.
    }
  }

  /** The hash of a cached file, which is the name of the blob that the snapshot links to. */
  static Optional<String> sha256(Path file) {
    try {
      String blob = String.valueOf(file.toRealPath().getFileName());
      return Optional.of(blob).filter(name -> name.matches("[0-9a-f]{64}"));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<Path> present(Path file, OptionalLong size) {
    try {
      boolean fits =
          Files.isRegularFile(file) && (size.isEmpty() || Files.size(file) == size.getAsLong());
      return fits ? Optional.of(file) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean isCommit(String revision) {
    return revision.matches("[0-9a-f]{40}");
  }
}
