package athanor.net;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A request: what to ask, and who may be told who asks. Immutable.
 *
 * @param method {@code GET}, {@code HEAD}, {@code POST} or {@code PUT}
 * @param address absolute http or https address
 * @param headers further headers, sent on every hop
 * @param credentials at most one is sent per hop: the first that covers the hop's origin
 * @param follow which redirect targets are followed; another redirect is returned as it is. With
 *     content only a redirect that keeps the method (307, 308) is followed
 * @param content what it carries
 * @param patience how long the answer may take once everything is sent; empty for the settings'
 *     usual time
 */
public record Call(
    String method,
    URI address,
    Map<String, String> headers,
    List<Credential> credentials,
    Predicate<URI> follow,
    Optional<Content> content,
    Optional<Duration> patience) {

  /** Copies the collections. */
  public Call {
    headers = Map.copyOf(headers);
    credentials = List.copyOf(credentials);
  }

  /** A GET that follows redirects, without credentials. */
  public static Call get(URI address) {
    return empty("GET", address, target -> true);
  }

  /** A HEAD that follows no redirect, without credentials. */
  public static Call head(URI address) {
    return empty("HEAD", address, target -> false);
  }

  /** A POST that follows no redirect, without credentials. */
  public static Call post(URI address, Content content) {
    return empty("POST", address, target -> false).with(content);
  }

  /** A PUT that follows no redirect, without credentials. */
  public static Call put(URI address, Content content) {
    return empty("PUT", address, target -> false).with(content);
  }

  private static Call empty(String method, URI address, Predicate<URI> follow) {
    return new Call(
        method, address, Map.of(), List.of(), follow, Optional.empty(), Optional.empty());
  }

  private Call with(Content body) {
    return new Call(method, address, headers, credentials, follow, Optional.of(body), patience);
  }

  /** This call with one more header. */
  public Call with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Call(method, address, more, credentials, follow, content, patience);
  }

  /** This call with these headers too. */
  public Call with(Map<String, String> further) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.putAll(further);
    return new Call(method, address, more, credentials, follow, content, patience);
  }

  /** This call with one more credential. */
  public Call with(Credential credential) {
    List<Credential> more = new ArrayList<>(credentials);
    more.add(credential);
    return new Call(method, address, headers, more, follow, content, patience);
  }

  /** This call, asking for bytes from {@code first} to {@code last}, both inclusive. */
  public Call range(long first, long last) {
    return with("Range", "bytes=" + first + "-" + last);
  }

  /** This call, asking for all bytes from {@code first} on. */
  public Call rangeFrom(long first) {
    return with("Range", "bytes=" + first + "-");
  }

  /** This call, following only redirects whose target passes the test. */
  public Call following(Predicate<URI> targets) {
    return new Call(method, address, headers, credentials, targets, content, patience);
  }

  /** This call, waiting so long for the answer. */
  public Call patient(Duration answer) {
    return new Call(method, address, headers, credentials, follow, content, Optional.of(answer));
  }
}
