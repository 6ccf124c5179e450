package athanor.testkit.web;

import athanor.testkit.web.Token.Kind;
import athanor.testkit.web.Token.Scope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The tokens that a fake hub knows: one of each kind, all but one of them alice's. */
public final class Tokens {
  private static final Map<String, String> ALICES =
      Map.of("acme", "write", "readers", "read", "club", "contributor");

  /** May read only. */
  public static final Token READ =
      new Token(
          FakeHuggingFace.TOKEN, "laptop", Kind.READ, "alice", Map.of("acme", "write"), List.of());

  /** May write what alice may write: her own, acme, in club what she created, not readers. */
  public static final Token WRITE =
      new Token("hf_Fake1Token1That1Writes", "desktop", Kind.WRITE, "alice", ALICES, List.of());

  /** May write in alice's own namespace. */
  public static final Token USER_SCOPED = scoped("user", "alice");

  /** May write in acme. */
  public static final Token ORG_SCOPED = scoped("org", "acme");

  /** May write to alice/merged, which must exist. */
  public static final Token REPO_SCOPED = scoped("model", "alice/merged");

  /** May write to alice/other and nowhere else. */
  public static final Token OTHER_SCOPED = scoped("model", "alice/other");

  /** Another user's, with the right to write. */
  public static final Token BOB =
      new Token("hf_Fake6Token6Of6Bob", "bob's", Kind.WRITE, "bob", Map.of(), List.of());

  private final Map<String, Token> known = new ConcurrentHashMap<>();

  Tokens() {
    List.of(READ, WRITE, USER_SCOPED, ORG_SCOPED, REPO_SCOPED, OTHER_SCOPED, BOB)
        .forEach(this::add);
  }

  private static Token scoped(String type, String entity) {
    String secret = "hf_Fake2Token2For2" + type + entity.replace('/', '2');
    return new Token(
        secret,
        "fine " + entity,
        Kind.FINE_GRAINED,
        "alice",
        ALICES,
        List.of(Scope.writing(type, entity)));
  }

  /** Makes a token known. */
  public void add(Token token) {
    known.put(token.secret(), token);
  }

  /** The token is withdrawn. */
  public void revoke(Token token) {
    known.remove(token.secret());
  }

  /** All secrets, to search logs for. */
  public List<String> secrets() {
    return List.copyOf(known.keySet());
  }

  /** The token that an {@code Authorization} header names. */
  public Optional<Token> of(String authorization) {
    return Optional.ofNullable(known.get(authorization.replaceFirst("^Bearer ", "")));
  }
}
