package athanor.testkit.web;

import athanor.testkit.web.FakeHuggingFace.Visibility;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A repository: branches and the commits that were made. */
public final class Repo {
  private static final int SMALL = 4096;

  private final String id;
  private final String creator;
  private final Map<String, String> branches = new ConcurrentHashMap<>();
  private final List<Commit> commits = new CopyOnWriteArrayList<>();
  private volatile Visibility visibility;

  /** A file of a commit; large ones are objects in storage. */
  public record Stored(Blob blob, boolean lfs) {}

  /** All files as of a commit. */
  public record Commit(String id, String parent, String title, Map<String, Stored> files) {}

  Repo(String id, String creator, Visibility visibility) {
    this.id = id;
    this.creator = creator;
    this.visibility = visibility;
    String first = Blob.digest("SHA-1", id.getBytes(StandardCharsets.UTF_8));
    commits.add(new Commit(first, "", "initial commit", new LinkedHashMap<>()));
    branches.put("main", first);
  }

  /** {@code user/name}. */
  public String id() {
    return id;
  }

  /** User or organisation. */
  public String namespace() {
    return id.replaceFirst("/.*", "");
  }

  /** The user who created it. */
  public String creator() {
    return creator;
  }

  /** Who may read it. */
  public Visibility visibility() {
    return visibility;
  }

  /** Sets who may read it. */
  public void visibility(Visibility now) {
    visibility = now;
  }

  /** The head of {@code main}. */
  public String commit() {
    return head("main").id();
  }

  /** All commits, the first one made with the repository. */
  public List<Commit> commits() {
    return commits;
  }

  /** Branches and pull requests with their heads. */
  public Map<String, String> branches() {
    return branches;
  }

  /** The files at the head of {@code main}. */
  public Map<String, Stored> files() {
    return head("main").files();
  }

  /** Adds a file to the head of {@code main} as if it had always been there. */
  void put(String path, Blob blob) {
    files().put(path, new Stored(blob, blob.size() >= SMALL));
  }

  /** What a branch, a pull request or a commit holds. */
  public Optional<Commit> at(String revision) {
    String wanted =
        switch (revision) {
          case "HEAD" -> commit();
          case "refs/pr/1" -> branches.getOrDefault(revision, commit());
          default -> branches.getOrDefault(revision, revision);
        };
    return commits.stream().filter(commit -> commit.id().equals(wanted)).findFirst();
  }

  private Commit head(String branch) {
    return at(branches.get(branch)).orElseThrow();
  }

  /** Makes a commit and moves a branch to it, which may be new. */
  public synchronized Commit commit(
      String branch, Commit parent, String title, Map<String, Stored> files) {
    String name = id + " " + commits.size();
    String commit = Blob.digest("SHA-1", name.getBytes(StandardCharsets.UTF_8));
    var made = new Commit(commit, parent.id(), title, new LinkedHashMap<>(files));
    commits.add(made);
    branches.put(branch, commit);
    return made;
  }
}
