package athanor.hub.upload;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.net.Backoff;
import athanor.net.Call;
import athanor.net.Content;
import athanor.net.Credential;
import athanor.net.Http;
import athanor.net.Json;
import athanor.net.Origin;
import athanor.net.Refusal;
import athanor.net.Reply;
import athanor.net.Url;
import athanor.progress.Cancellation;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The Hub as uploads talk to it: its addresses, the token where it belongs, redirects within the
 * Hub only. Thread-safe.
 */
final class Api {
  private static final String USUAL = "https://huggingface.co/";

  private final URI endpoint;
  private final Set<Origin> origins;
  private final Credential credential;
  private final Http http;
  private final Cancellation cancellation;

  Api(URI endpoint, Credential credential, Http http, Cancellation cancellation) {
    this.endpoint = endpoint;
    this.origins = credential.origins();
    this.credential = credential;
    this.http = http;
    this.cancellation = cancellation;
  }

  Http http() {
    return http;
  }

  Cancellation cancellation() {
    return cancellation;
  }

  /** Where the token came from. */
  String source() {
    return credential.source();
  }

  Backoff backoff() {
    return new Backoff(http.settings(), cancellation);
  }

  void notice(String sentence) {
    http.settings().notices().accept(sentence);
  }

  /** How long an answer may take when the server has much to do for it. */
  Duration longAnswer() {
    return http.settings().timeouts().headers().multipliedBy(4);
  }

  String page(RepoId repo) {
    return endpoint + "/" + repo;
  }

  /** An address below the endpoint; the rest begins with a slash. */
  URI address(String rest) {
    return URI.create(endpoint + rest);
  }

  /** An address of the API for a repository. */
  URI model(RepoId repo, String rest) {
    return address("/api/models/" + repo + rest);
  }

  Call get(URI address) {
    return authorized(Call.get(address));
  }

  Call head(URI address) {
    return authorized(Call.head(address));
  }

  Call post(URI address, Content content) {
    return authorized(Call.post(address, content));
  }

  Call put(URI address, Content content) {
    return authorized(Call.put(address, content));
  }

  private Call authorized(Call call) {
    return call.with(credential).following(this::isHub);
  }

  private boolean isHub(URI target) {
    return origins.contains(Origin.of(target));
  }

  /**
   * An answer of the Hub.
   *
   * @param body as JSON
   * @param refusal if it is one
   */
  record Answer(Json body, Optional<Refusal> refusal) {
    /** Whether it is a refusal with this status. */
    boolean is(int status) {
      return refusal.map(Refusal::status).equals(Optional.of(status));
    }
  }

  /**
   * Asks until there is a final answer.
   *
   * @param understood refusals that the caller deals with
   * @param explain turns other refusals into a problem
   * @throws AthanorException of kind NETWORK with that problem, or if there is no answer
   */
  Answer ask(Call call, Predicate<Refusal> understood, Function<Refusal, Problem> explain) {
    Backoff backoff = backoff();
    while (true) {
      try (Reply reply = fetch(call, explain)) {
        if (reply.isSuccess()) {
          return new Answer(reply.json(), Optional.empty());
        }
        Refusal refusal = reply.refusal();
        if (understood.test(refusal)) {
          return new Answer(refusal.body(), Optional.of(refusal));
        }
        throw explain.apply(refusal).toException();
      } catch (IOException e) {
        backoff.failed(call.address(), e);
      }
    }
  }

  /** Asks, and takes every refusal for a problem. */
  Json json(Call call, Function<Refusal, Problem> explain) {
    return ask(call, refusal -> false, explain).body();
  }

  /** Asks until there is a final answer; see {@link Http#fetch}. */
  Reply fetch(Call call, Function<Refusal, Problem> explain) {
    return http.fetch(call, explain, cancellation);
  }

  /**
   * An address that the Hub gave us. Behind a mirror it may name the usual host instead of the
   * mirror.
   *
   * @throws AthanorException of kind NETWORK if it may not be used
   */
  URI given(String address) {
    boolean other = !endpoint.toString().equals(USUAL.substring(0, USUAL.length() - 1));
    String here =
        other && address.startsWith(USUAL)
            ? endpoint + "/" + address.substring(USUAL.length())
            : address;
    URI target;
    try {
      target = Url.parse(here);
    } catch (AthanorException e) {
      // Its text would quote the address, which may be signed.
      throw Problem.of(Kind.NETWORK, "the Hub gave an address that is none")
          .at(endpoint.toString())
          .toException();
    }
    http.requireAllowed(endpoint, target);
    return target;
  }
}
