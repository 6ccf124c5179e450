package athanor.net;

import athanor.error.Problem;
import athanor.progress.Cancellation;

/**
 * Where the bytes of one file come from. Signed addresses expire, so it is asked for the address
 * again when the storage refuses. Thread-safe.
 */
public interface BodySource {

  /**
   * A GET that yields the bytes; a fresh one at every call.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if the service refuses or fails
   */
  Call locate(Cancellation cancellation);

  /** What a refusal of the service or its storage means, and what to do about it. */
  Problem explain(Refusal refusal);

  /** What to do when a web page or an error text arrives instead of the file. */
  default String adviceForWrongContent() {
    return "open the link in a browser: it must start a download by itself, not show a page";
  }
}
