package athanor.hub;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.net.Refusal;
import athanor.net.Url;

/** What refusals mean that are the same everywhere. */
final class Refusals {
  private static final String AGAIN = "; run again, it goes on where it stopped";

  private Refusals() {}

  /** A network problem that quotes the server. */
  static Problem problem(String what, String where, Refusal refusal) {
    return Problem.of(Kind.NETWORK, what).at(where).found(refusal.shown());
  }

  /** The meaning of the status alone. */
  static Problem byStatus(String where, Refusal refusal) {
    String host = refusal.address().getHost();
    return switch (refusal.status()) {
      case 401, 403 ->
          problem(host + " refuses access", where, refusal)
              .help("the link may have expired, or need a login: open it in a browser");
      case 404, 410 ->
          problem("the file is not there", where, refusal)
              .help("check the link: " + Url.shown(refusal.address()));
      case 407 ->
          problem("the proxy wants a login", where, refusal)
              .help("put it into https_proxy: http://USER:PASSWORD@HOST:PORT");
      case 429 -> problem("too many requests", where, refusal).help("wait a while" + AGAIN);
      case 451 -> problem("the file is not available for legal reasons", where, refusal);
      default ->
          refusal.isTransient()
              ? problem(host + " has trouble", where, refusal).help("try later" + AGAIN)
              : problem(host + " refuses the request", where, refusal).help("check the link");
    };
  }
}
