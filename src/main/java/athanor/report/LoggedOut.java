package athanor.report;

import athanor.hub.Service;

/**
 * That a stored token is no longer there.
 *
 * @param service {@code hf} or {@code civitai}
 * @param removed whether there was one
 * @param at the service
 */
@LineName("logout")
public record LoggedOut(String service, boolean removed, @ForText Service at) implements Result {
  /** The answer to a logout from this service. */
  public static LoggedOut of(Service at, boolean removed) {
    return new LoggedOut(at.id(), removed, at);
  }
}
