package athanor.hub.upload;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** How the Hub wants an object to be sent. */
sealed interface UploadMethod {

  /** The Hub has it already. */
  record Nothing() implements UploadMethod {}

  /**
   * In one request.
   *
   * @param address signed
   * @param headers to be sent along
   * @param verify where to say that it is done
   */
  record Whole(URI address, Map<String, String> headers, Optional<URI> verify)
      implements UploadMethod {}

  /** In parts. */
  record InParts(MultipartPlan parts) implements UploadMethod {}
}
