package athanor.report;

import athanor.hub.Service;
import org.jspecify.annotations.Nullable;

/**
 * That there is no token for a service.
 *
 * @param service {@code hf} or {@code civitai}
 * @param name always null: nobody is logged in
 * @param at the service
 */
@LineName(value = "account", when = "without a token")
public record NoToken(String service, @Nullable String name, @ForText Service at)
    implements Result {

  /** No token for this service. */
  public static NoToken of(Service at) {
    return new NoToken(at.id(), null, at);
  }
}
