package athanor.testkit.web.upload;

import static athanor.testkit.web.Answer.object;

import athanor.net.Json;
import athanor.testkit.web.Answer;
import athanor.testkit.web.Ask;
import athanor.testkit.web.Listings;
import athanor.testkit.web.Repo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Says which files go as objects and which within the commit, and what is there already. */
final class Preupload {
  private static final long LARGE = 10L << 20;
  private static final Set<String> LFS_EXTENSIONS =
      Set.of("safetensors", "ckpt", "pt", "pth", "bin", "gguf", "onnx", "zip", "npz", "png");

  private final Rights rights;

  Preupload(Rights rights) {
    this.rights = rights;
  }

  Answer answer(Ask ask) {
    Repo repo = rights.committable(ask);
    Repo.Commit commit = rights.revision(ask, repo);
    Json body = ask.json();
    String ignored = body.get("gitIgnore").text().orElse("");
    List<Json> answers = new ArrayList<>();
    for (Json file : body.get("files").items()) {
      String path = file.get("path").text().orElse("");
      if (!isAllowed(path)) {
        return Answer.error(400, "Invalid path in preupload: " + path);
      }
      // Backwards, as the order of the answer means nothing.
      answers.addFirst(answer(commit, path, file, ignored));
    }
    return Answer.ok("files", answers, "commitOid", commit.id());
  }

  private static Json answer(Repo.Commit commit, String path, Json file, String ignored) {
    long size = file.get("size").whole().orElseThrow();
    byte[] sample = Base64.getDecoder().decode(file.get("sample").text().orElse(""));
    Repo.Stored present = commit.files().get(path);
    return object(
        "path",
        path,
        "uploadMode",
        isLarge(path, size, sample) ? "lfs" : "regular",
        "shouldIgnore",
        ignored.lines().anyMatch(line -> fits(line.strip(), path)),
        "oid",
        present == null ? Json.NOTHING : oid(present));
  }

  private static String oid(Repo.Stored file) {
    return file.lfs() ? file.blob().sha256() : Listings.gitSha1(file.blob());
  }

  private static boolean isLarge(String path, long size, byte[] sample) {
    String extension = path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    boolean binary = new String(sample, StandardCharsets.ISO_8859_1).indexOf(0) >= 0;
    return size > LARGE || binary || LFS_EXTENSIONS.contains(extension);
  }

  /** A line of a .gitignore that is a name, or a star and an ending. */
  private static boolean fits(String line, String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return line.startsWith("*") ? name.endsWith(line.substring(1)) : name.equals(line);
  }

  /** Whether the hub accepts a path. */
  static boolean isAllowed(String path) {
    return !path.isEmpty()
        && !path.startsWith("/")
        && !path.contains("\\")
        && List.of(path.split("/", -1)).stream()
            .noneMatch(part -> Set.of("", ".", "..", ".git", ".cache").contains(part));
  }
}
