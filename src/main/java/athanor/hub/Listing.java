package athanor.hub;

import java.util.List;
import java.util.Optional;

/**
 * The files that a link may mean.
 *
 * @param title what the link names: a repository, a model with its version
 * @param files all weights of it, in the order of the listing
 * @param chosen the one that is meant, if the link or the service's own mark leaves no doubt
 */
public record Listing(String title, List<RemoteFile> files, Optional<RemoteFile> chosen) {
  /** Copies the list. */
  public Listing {
    files = List.copyOf(files);
  }
}
