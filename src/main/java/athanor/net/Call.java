package athanor.net;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A request without a body: what to ask, and who may be told who asks. Immutable.
 *
 * @param method {@code GET} or {@code HEAD}
 * @param address absolute http or https address
 * @param headers further headers, sent on every hop
 * @param credentials at most one is sent per hop: the first that covers the hop's origin
 * @param follow which redirect targets are followed; another redirect is returned as it is
 */
public record Call(
    String method,
    URI address,
    Map<String, String> headers,
    List<Credential> credentials,
    Predicate<URI> follow) {

  /** Copies the collections. */
  public Call {
    headers = Map.copyOf(headers);
    credentials = List.copyOf(credentials);
  }

  /** A GET that follows redirects, without credentials. */
  public static Call get(URI address) {
    return new Call("GET", address, Map.of(), List.of(), target -> true);
  }

  /** A HEAD that follows no redirect, without credentials. */
  public static Call head(URI address) {
    return new Call("HEAD", address, Map.of(), List.of(), target -> false);
  }

  /** This call with one more header. */
  public Call with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Call(method, address, more, credentials, follow);
  }

  /** This call with one more credential. */
  public Call with(Credential credential) {
    List<Credential> more = new ArrayList<>(credentials);
    more.add(credential);
    return new Call(method, address, headers, more, follow);
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
    return new Call(method, address, headers, credentials, targets);
  }

  /** Text with the values of this call's credentials replaced. */
  String scrub(String text) {
    String clean = text;
    for (Credential credential : credentials) {
      clean = credential.secret().scrub(clean);
    }
    return clean;
  }
}
