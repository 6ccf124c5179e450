package athanor.hub;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * One file on a server, found and pinned: fetching it later gives these bytes or an error.
 *
 * @param service where it is
 * @param link a link to exactly this file, pinned to its revision where the service has revisions
 * @param asked the link as the user gave it, in canonical form
 * @param displayName what to call it in messages
 * @param localName a safe file name for it
 * @param size in bytes if known
 * @param sizeIsExact false if the listing rounds it
 * @param sha256 lower-case hex if it is listed
 * @param revision commit or version number
 * @param access whether its bytes can be downloaded
 * @param declared what its listing says
 * @param identity the same text for the same bytes, without secrets
 */
public record RemoteFile(
    Service service,
    Link link,
    String asked,
    String displayName,
    String localName,
    OptionalLong size,
    boolean sizeIsExact,
    Optional<String> sha256,
    Optional<String> revision,
    Access access,
    Declared declared,
    String identity) {

  /** The size if it is known to the byte. */
  OptionalLong exactSize() {
    return sizeIsExact ? size : OptionalLong.empty();
  }

  RemoteFile with(Access other) {
    return new RemoteFile(
        service,
        link,
        asked,
        displayName,
        localName,
        size,
        sizeIsExact,
        sha256,
        revision,
        other,
        declared,
        identity);
  }

  /** The same under another local name; a safe one. */
  public RemoteFile named(String local) {
    return new RemoteFile(
        service,
        link,
        asked,
        displayName,
        SafeName.of(local, localName),
        size,
        sizeIsExact,
        sha256,
        revision,
        access,
        declared,
        identity);
  }

  RemoteFile askedAs(Link given) {
    return askedAs(given.canonical());
  }

  RemoteFile askedAs(String given) {
    return new RemoteFile(
        service,
        link,
        given,
        displayName,
        localName,
        size,
        sizeIsExact,
        sha256,
        revision,
        access,
        declared,
        identity);
  }
}
