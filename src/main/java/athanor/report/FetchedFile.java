package athanor.report;

import athanor.hub.Fetched;
import athanor.hub.RemoteFile;

/**
 * A file that was fetched.
 *
 * @param file where it is
 * @param source the link that was given
 * @param pinned the link to these very bytes
 * @param bytes its size
 * @param sha256 its hash
 * @param listedHash whether its service lists a hash, which was compared
 * @param how {@code downloaded}, {@code already there} or {@code in the cache}
 * @param downloadedBytes bytes that came over the network in this run
 * @param name its name
 */
@LineName(value = "file", when = "fetched")
public record FetchedFile(
    String file,
    String source,
    String pinned,
    long bytes,
    String sha256,
    boolean listedHash,
    String how,
    long downloadedBytes,
    @ForText String name)
    implements Result {

  /** A file and how it came. */
  public static FetchedFile of(RemoteFile file, Fetched fetched) {
    return new FetchedFile(
        fetched.path().toString(),
        file.asked(),
        file.link().canonical(),
        fetched.size(),
        fetched.sha256(),
        file.sha256().isPresent(),
        fetched.how().label(),
        fetched.transferred(),
        file.localName());
  }
}
