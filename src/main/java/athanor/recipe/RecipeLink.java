package athanor.recipe;

import athanor.error.MaskedText;
import athanor.net.Url;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Links as they may stand in a recipe: without tokens, passwords and signatures. */
public final class RecipeLink {
  /** Parameters that choose among files and cannot be secret. */
  private static final Set<String> HARMLESS =
      Set.of("modelversionid", "type", "format", "size", "fp", "fileid", "download", "dl");

  private static final int LONGEST_HARMLESS = 40;

  private static final Pattern LOGIN = Pattern.compile("(://)[^/?#@]*@");
  private static final Pattern HASH = Pattern.compile("(?i)#sha256=[0-9a-f]{64}");

  private RecipeLink() {}

  /** The link without what is or may be secret. */
  public static String portable(String link) {
    String bare = withoutLogin(withoutQuery(link));
    String query = String.join("&", parameters(link).filter(RecipeLink::isHarmless).toList());
    var hash = HASH.matcher(link);
    return bare + (query.isEmpty() ? "" : "?" + query) + (hash.find() ? hash.group() : "");
  }

  /** What of the link is secret, in words without the secret; empty if nothing is. */
  public static Optional<String> secret(String link) {
    if (LOGIN.matcher(withoutQuery(link)).find()) {
      return Optional.of("a user name or password");
    }
    return parameters(link)
        .filter(parameter -> !isHarmless(parameter))
        .filter(parameter ->
            MaskedText.isSecretParameter(name(parameter)) || value(parameter) > LONGEST_HARMLESS)
        .map(parameter -> name(parameter) + "=…")
        .findFirst();
  }

  private static String withoutQuery(String link) {
    return link.strip().replaceFirst("[?#].*", "");
  }

  private static String withoutLogin(String link) {
    return LOGIN.matcher(link).replaceFirst("$1");
  }

  private static Stream<String> parameters(String link) {
    int query = link.indexOf('?');
    if (query < 0) {
      return Stream.of();
    }
    String text = link.strip().substring(query + 1).replaceFirst("#.*", "");
    return List.of(text.split("[&;]")).stream().filter(parameter -> !parameter.isEmpty());
  }

  private static boolean isHarmless(String parameter) {
    return HARMLESS.contains(name(parameter).toLowerCase(Locale.ROOT))
        && value(parameter) <= LONGEST_HARMLESS;
  }

  private static String name(String parameter) {
    return Url.decode(parameter.replaceFirst("=.*", ""));
  }

  private static int value(String parameter) {
    return Math.max(0, parameter.length() - parameter.indexOf('=') - 1);
  }
}
