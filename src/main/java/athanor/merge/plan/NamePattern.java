package athanor.merge.plan;

import athanor.model.Target;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A pattern of a name filter: with {@code *} or {@code ?} a glob over a name, else a part of it.
 */
final class NamePattern {
  private final String text;
  private final Optional<Pattern> glob;

  NamePattern(String text) {
    this.text = text.toLowerCase(Locale.ROOT);
    boolean wild = text.indexOf('*') >= 0 || text.indexOf('?') >= 0;
    this.glob = wild ? Optional.of(Pattern.compile(expression(this.text))) : Optional.empty();
  }

  private static String expression(String glob) {
    return Pattern.quote(glob).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
  }

  /** Whether it fits one of a module's names or the key of its weight. */
  boolean fits(String module, Target target) {
    return fits(module)
        || fits(target.weight().key())
        || fits(target.kohyaName())
        || fits(target.diffusersName());
  }

  /** Whether it fits a name. */
  boolean fits(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return glob.map(pattern -> pattern.matcher(lower).matches())
        .orElseGet(() -> lower.contains(text));
  }
}
