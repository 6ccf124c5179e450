package athanor.merge.plan;

import athanor.model.Component;
import athanor.model.Target;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A pattern of a name filter: {@code @unet}, {@code @te} or {@code @vae} is a part of the model;
 * with {@code *} or {@code ?} it is a glob over a name, else a part of one.
 */
final class NamePattern {
  private final String text;
  private final Optional<Pattern> glob;
  private final Set<Component> components;

  NamePattern(String text) {
    this.text = text.toLowerCase(Locale.ROOT);
    boolean wild = text.indexOf('*') >= 0 || text.indexOf('?') >= 0;
    this.components = components(this.text);
    this.glob = wild ? Optional.of(Pattern.compile(expression(this.text))) : Optional.empty();
  }

  private static Set<Component> components(String text) {
    return switch (text) {
      case "@unet" -> EnumSet.of(Component.UNET, Component.TRANSFORMER);
      case "@te" -> {
        var all = EnumSet.allOf(Component.class);
        all.removeIf(component -> !component.isTextEncoder());
        yield all;
      }
      case "@vae" -> EnumSet.of(Component.VAE);
      default -> EnumSet.noneOf(Component.class);
    };
  }

  private static String expression(String glob) {
    return Pattern.quote(glob).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
  }

  /** Whether it fits one of a module's names or the key of its weight. */
  boolean fits(String module, Target target) {
    return components.contains(target.component())
        || fits(module)
        || fits(target.weight().key())
        || fits(target.kohyaName())
        || fits(target.diffusersName());
  }

  /** Whether it fits the key of a tensor, or the part of the model that the tensor belongs to. */
  boolean fits(String key, Component component) {
    return components.contains(component) || fits(key);
  }

  /** Whether it fits a name. */
  boolean fits(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return glob.map(pattern -> pattern.matcher(lower).matches())
        .orElseGet(() -> lower.contains(text));
  }
}
