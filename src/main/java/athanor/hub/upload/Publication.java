package athanor.hub.upload;

import java.util.List;
import java.util.Optional;

/**
 * What an upload has done.
 *
 * @param repo the repository
 * @param page its address for people
 * @param commit the commit, if one was needed
 * @param commitUrl its page
 * @param pullRequest the page of the pull request, if one was opened
 * @param files every item, in the order given
 * @param sentBytes of large files that went over the line, repetitions included
 */
public record Publication(
    RepoId repo,
    String page,
    Optional<String> commit,
    Optional<String> commitUrl,
    Optional<String> pullRequest,
    List<Published> files,
    long sentBytes) {
  /** Copies the list. */
  public Publication {
    files = List.copyOf(files);
  }

  /** What became of an item. */
  public enum Fate {
    /** It is new, or replaces an older one. */
    PUBLISHED("published"),
    /** The repository has this very content already. */
    UNCHANGED("already there"),
    /** The file of this path that was there stays. */
    KEPT("the existing file is kept"),
    /** The repository's rules leave it out (.gitignore). */
    IGNORED("left out by the repository's .gitignore");

    private final String label;

    Fate(String label) {
      this.label = label;
    }

    /** In a few words. */
    public String label() {
      return label;
    }
  }

  /**
   * An item and what became of it.
   *
   * @param path in the repository
   * @param size in bytes
   * @param sha256 of a large file
   * @param fate what became of it; in a plan, what would become of it
   * @param url where people find it
   */
  public record Published(String path, long size, Optional<String> sha256, Fate fate, String url) {}
}
