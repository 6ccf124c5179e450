package athanor.hub.upload;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** How the Hub wants an object to be sent. */
sealed interface Transfer {

  /** The Hub has it already. */
  record Nothing() implements Transfer {}

  /**
   * In one request.
   *
   * @param address signed
   * @param headers to be sent along
   * @param verify where to say that it is done
   */
  record Whole(URI address, Map<String, String> headers, Optional<URI> verify)
      implements Transfer {}

  /** In parts. */
  record InParts(Parts parts) implements Transfer {}
}
