package athanor.web.bench;

import athanor.error.AthanorException;
import athanor.hub.Hub;
import athanor.hub.Service;
import athanor.job.session.JobSettings;
import athanor.report.Shown;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whether there is a token for a service; never the token.
 *
 * @param service {@code hf} or {@code civitai}
 * @param label the service's name
 * @param present whether there is one
 */
public record TokenState(String service, String label, boolean present) implements Shown {

  /** Of both services. */
  static List<TokenState> all(JobSettings settings) {
    try (Hub hub = settings.hub(note -> {})) {
      return Stream.of(Service.HUGGING_FACE, Service.CIVITAI)
          .map(service -> new TokenState(service.id(), service.label(), has(hub, service)))
          .toList();
    }
  }

  private static boolean has(Hub hub, Service service) {
    try {
      return hub.credentials().token(service).isPresent();
    } catch (AthanorException e) {
      return false;
    }
  }
}
