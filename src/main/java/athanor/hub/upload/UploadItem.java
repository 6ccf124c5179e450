package athanor.hub.upload;

import athanor.error.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Something to publish. */
public sealed interface UploadItem {

  /** Its path in the repository, with slashes. */
  String path();

  /**
   * A file of this computer.
   *
   * @param file where it is
   * @param path in the repository
   * @param sha256 its hash in lower-case hex, if it is known already; otherwise the file is read
   *     once more
   */
  record LocalFile(Path file, String path, Optional<String> sha256) implements UploadItem {
    /** Checks the path. */
    public LocalFile {
      requireSound(path);
    }
  }

  /**
   * A text, such as the model card.
   *
   * @param path in the repository
   * @param text its content
   * @param keepExisting whether a file of that path that is there already stays as it is
   */
  record Text(String path, String text, boolean keepExisting) implements UploadItem {
    /** Checks the path. */
    public Text {
      requireSound(path);
    }
  }

  private static void requireSound(String path) {
    List<String> segments = List.of(path.split("/", -1));
    boolean sound =
        segments.stream().noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."))
            && !path.contains("\\")
            && path.chars().noneMatch(Character::isISOControl)
            && !segments.contains(".git")
            && !path.startsWith(".cache/");
    if (!sound) {
      throw Problem.usage("not a path for a file in a repository")
          .found("'" + path + "'")
          .expected("a name, or folder/name")
          .toException();
    }
  }
}
