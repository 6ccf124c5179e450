package athanor.hub;

import java.nio.file.Path;

/**
 * A remote file that is on this computer now.
 *
 * @param path where it is; inside a cache it is to be read only
 * @param size in bytes
 * @param sha256 lower-case hex of its bytes
 * @param how how it came here
 * @param transferred bytes that came over the network in this run
 */
public record Fetched(Path path, long size, String sha256, How how, long transferred) {

  /** How a file came here. */
  public enum How {
    /** Over the network, in this run. */
    DOWNLOADED("downloaded"),
    /** It was at its place already, with the right hash. */
    ALREADY_THERE("already there"),
    /** From this program's cache. */
    FROM_CACHE("in the cache"),
    /** From the cache of Hugging Face's own tools. */
    FROM_HUGGING_FACE_CACHE("in the Hugging Face cache");

    private final String label;

    How(String label) {
      this.label = label;
    }

    /** What to call it in a sentence. */
    public String label() {
      return label;
    }
  }
}
