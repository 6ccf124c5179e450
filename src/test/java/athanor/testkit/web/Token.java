package athanor.testkit.web;

import static athanor.testkit.web.Answer.object;

import athanor.net.Json;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A token: what whoami tells of it, and what it may.
 *
 * @param secret what is sent
 * @param name what the user calls it
 * @param user whose it is
 * @param organisations the user's role by organisation
 * @param scopes of a fine-grained token
 */
public record Token(
    String secret,
    String name,
    Kind kind,
    String user,
    Map<String, String> organisations,
    List<Scope> scopes) {
  private static final Set<String> WRITING_ROLES = Set.of("admin", "write", "contributor");
  private static final Set<String> WRITING_PERMISSIONS = Set.of("repo.write", "repo.content.write");

  /** The kinds of tokens. */
  public enum Kind {
    READ("read"),
    WRITE("write"),
    FINE_GRAINED("fineGrained");

    private final String role;

    Kind(String role) {
      this.role = role;
    }
  }

  /**
   * What a fine-grained token may.
   *
   * @param type {@code user}, {@code org} or {@code model}
   * @param entity a user, an organisation or a repository
   */
  public record Scope(String type, String entity, List<String> permissions) {
    /** Reading and writing of an entity. */
    public static Scope writing(String type, String entity) {
      return new Scope(type, entity, List.of("repo.content.read", "repo.write"));
    }

    private boolean writes() {
      return permissions.stream().anyMatch(WRITING_PERMISSIONS::contains);
    }
  }

  /** Whether private repositories of this user or organisation may be read. */
  public boolean belongsTo(String namespace) {
    return user.equals(namespace) || organisations.containsKey(namespace);
  }

  /** Whether repositories may be created here. */
  public boolean creates(String namespace) {
    return userWrites(namespace)
        && switch (kind) {
          case READ -> false;
          case WRITE -> true;
          case FINE_GRAINED -> scoped(namespace);
        };
  }

  /** Whether commits to this repository are allowed. */
  public boolean writes(Repo repo) {
    String role = organisations.get(repo.namespace());
    boolean own = !"contributor".equals(role) || repo.creator().equals(user);
    return own
        && userWrites(repo.namespace())
        && switch (kind) {
          case READ -> false;
          case WRITE -> true;
          case FINE_GRAINED -> scoped(repo.namespace()) || scoped(repo.id());
        };
  }

  private boolean userWrites(String namespace) {
    return user.equals(namespace)
        || WRITING_ROLES.contains(organisations.getOrDefault(namespace, ""));
  }

  private boolean scoped(String entity) {
    return scopes.stream().anyMatch(scope -> scope.entity().equals(entity) && scope.writes());
  }

  /** The answer to whoami. */
  public Json whoami() {
    List<Json> orgs =
        organisations.entrySet().stream()
            .map(org ->
                object(
                    "type",
                    "org",
                    "id",
                    "id-" + org.getKey(),
                    "name",
                    org.getKey(),
                    "fullname",
                    org.getKey(),
                    "isEnterprise",
                    false,
                    "roleInOrg",
                    org.getValue()))
            .toList();
    return object(
        "type",
        "user",
        "id",
        "id-" + user,
        "name",
        user,
        "fullname",
        user,
        "email",
        user + "@example.org",
        "emailVerified",
        true,
        "isPro",
        false,
        "orgs",
        orgs,
        "auth",
        object("type", "access_token", "accessToken", accessToken()));
  }

  private Json accessToken() {
    if (kind != Kind.FINE_GRAINED) {
      return object(
          "displayName", name, "role", kind.role, "createdAt", "2026-01-02T03:04:05.000Z");
    }
    List<Json> scoped =
        scopes.stream()
            .map(scope ->
                object(
                    "entity",
                    object("_id", "1", "type", scope.type(), "name", scope.entity()),
                    "permissions",
                    scope.permissions()))
            .toList();
    return object(
        "displayName",
        name,
        "role",
        kind.role,
        "createdAt",
        "2026-01-02T03:04:05.000Z",
        "fineGrained",
        object("canReadGatedRepos", true, "global", List.of("discussion.write"), "scoped", scoped));
  }
}
