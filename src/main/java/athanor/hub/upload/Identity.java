package athanor.hub.upload;

import athanor.net.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Whom a token belongs to and what it was made for, as {@code whoami-v2} tells.
 *
 * @param name user or organisation
 * @param tokenName what the user called the token
 * @param role {@code read}, {@code write}, {@code fineGrained}; something else or empty for other
 *     kinds of logins
 * @param organisations role of the user in each, by lower-case name
 * @param global permissions of a fine-grained token everywhere
 * @param scopes its permissions in single places
 */
record Identity(
    String name,
    Optional<String> tokenName,
    String role,
    Map<String, String> organisations,
    List<String> global,
    List<Scope> scopes) {

  /**
   * Permissions for one place.
   *
   * @param name a user, an organisation or a repository
   * @param permissions such as {@code repo.write}
   */
  record Scope(String name, List<String> permissions) {}

  static Identity of(Json whoami) {
    Json token = whoami.get("auth").get("accessToken");
    Json fine = token.get("fineGrained");
    return new Identity(
        whoami.get("name").text().orElse(""),
        token.get("displayName").text(),
        token.get("role").text().orElse(""),
        organisations(whoami),
        texts(fine.get("global")),
        fine.get("scoped").items().stream().map(Identity::scope).toList());
  }

  private static Map<String, String> organisations(Json whoami) {
    return whoami.get("orgs").items().stream()
        .filter(org -> org.get("name").text().isPresent())
        .collect(
            Collectors.toMap(
                org -> lower(org.get("name").text().orElse("")),
                org -> org.get("roleInOrg").text().orElse(""),
                (one, other) -> one));
  }

  private static Scope scope(Json json) {
    return new Scope(
        json.get("entity").get("name").text().orElse(""), texts(json.get("permissions")));
  }

  private static List<String> texts(Json array) {
    return array.items().stream().flatMap(item -> item.text().stream()).toList();
  }

  static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
