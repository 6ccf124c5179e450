package athanor.hub.upload;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.hub.Link;
import athanor.hub.RepoType;

/**
 * A model repository to publish to.
 *
 * @param namespace a user or an organisation
 * @param name the repository's own name
 */
public record RepoId(String namespace, String name) {

  /**
   * From {@code USER/REPO}, {@code hf:USER/REPO} or the address of the repository's page.
   *
   * @throws AthanorException of kind USAGE if it is none of these, or breaks the Hub's rules for
   *     names: letters, digits, {@code . _ -}, at most 96 characters, no {@code --} and {@code ..}
   */
  public static RepoId parse(String text) {
    boolean isLink = text.contains("://") || text.startsWith("hf:");
    Link link = Link.parse(isLink ? text : "hf:" + text);
    boolean whole =
        link instanceof Link.HubRepo(Link.Repo repo, String revision, String folder)
            && repo.type() == RepoType.MODEL
            && repo.mirror().isEmpty()
            && repo.id().contains("/")
            && revision.equals("main")
            && folder.isEmpty();
    if (!whole) {
      throw Problem.usage("this is no model repository to publish to")
          .found(text)
          .expected("USER/REPO")
          .toException();
    }
    String[] parts = ((Link.HubRepo) link).repo().id().split("/", 2);
    return new RepoId(parts[0], parts[1]);
  }

  /** {@code namespace/name}. */
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
