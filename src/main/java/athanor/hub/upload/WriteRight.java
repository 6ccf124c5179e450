package athanor.hub.upload;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Whether a token may write to a repository, as far as the token's own description tells. */
sealed interface WriteRight {
  Set<String> WRITING = Set.of("repo.write", "repo.content.write");

  /** It may; {@code how} completes "the token …". */
  record Granted(String how) implements WriteRight {}

  /** The token may only read. */
  record ReadOnly() implements WriteRight {}

  /** The token was made for other places. */
  record OtherScope(List<String> covered) implements WriteRight {}

  /** The user has too small a role in the organisation. */
  record SmallRole(String organisation, String role) implements WriteRight {}

  /** The name belongs to somebody else. */
  record Foreign(String user, String namespace) implements WriteRight {}

  /** Only the server knows. */
  record Unknown() implements WriteRight {}

  /** The right of a token to write to a repository. */
  static WriteRight of(Identity who, RepoId repo) {
    return switch (who.role()) {
      case "read" -> new ReadOnly();
      case "write" -> byMembership(who, repo);
      case "fineGrained" -> byScopes(who, repo);
      default -> new Unknown();
    };
  }

  private static WriteRight byMembership(Identity who, RepoId repo) {
    if (isSame(who.name(), repo.namespace())) {
      return new Granted("may write");
    }
    String role = who.organisations().get(Identity.lower(repo.namespace()));
    return switch (role) {
      case null -> new Foreign(who.name(), repo.namespace());
      case "admin", "write" -> new Granted("may write, " + role + " of " + repo.namespace());
      case "contributor" ->
          new Granted("may write, contributor of " + repo.namespace() + " (own repositories only)");
      case "read", "no_access" -> new SmallRole(repo.namespace(), role);
      default -> new Unknown();
    };
  }

  private static WriteRight byScopes(Identity who, RepoId repo) {
    List<String> here =
        Stream.concat(
                who.global().stream(),
                who.scopes().stream()
                    .filter(scope -> covers(scope.name(), repo))
                    .flatMap(scope -> scope.permissions().stream()))
            .toList();
    if (here.stream().anyMatch(WRITING::contains)) {
      boolean single =
          who.scopes().stream().anyMatch(scope -> isSame(scope.name(), repo.toString()));
      WriteRight member = byMembership(who, repo);
      return member instanceof SmallRole && !single
          ? member
          : new Granted("was made to write to " + (single ? repo : repo.namespace()));
    }
    // A permission that is not known here may be a wider one.
    boolean mayBeWider = here.stream().anyMatch(WriteRight::soundsLikeWriting);
    return mayBeWider ? new Unknown() : new OtherScope(covered(who));
  }

  private static boolean soundsLikeWriting(String permission) {
    return !permission.startsWith("discussion.")
        && permission.startsWith("repo")
        && !permission.endsWith(".read");
  }

  private static List<String> covered(Identity who) {
    return who.scopes().stream()
        .filter(scope -> scope.permissions().stream().anyMatch(WRITING::contains))
        .map(Identity.Scope::name)
        .distinct()
        .toList();
  }

  private static boolean covers(String entity, RepoId repo) {
    return isSame(entity, repo.namespace()) || isSame(entity, repo.toString());
  }

  private static boolean isSame(String one, String other) {
    return Identity.lower(one).equals(Identity.lower(other));
  }
}
