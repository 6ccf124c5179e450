package athanor.hub;

import athanor.error.Problem;
import athanor.net.RangedSource;

/** What can be known of a remote file without fetching it. */
public sealed interface Preview {

  /** The file the preview is about. */
  RemoteFile file();

  /**
   * Its bytes can be read in place.
   *
   * @param file the file
   * @param bytes reads it by range requests; the caller closes it
   */
  record Opened(RemoteFile file, RangedSource bytes) implements Preview {}

  /**
   * Its bytes need a token: only what the listing declares is known.
   *
   * @param file the file, with what is declared
   * @param reason what is missing, with the help for the user
   */
  record DeclaredOnly(RemoteFile file, Problem reason) implements Preview {}
}
