package athanor.recipe.arguments;

import athanor.hub.Link;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A link given where a LoRA is expected, taken apart from the ratio and weights behind it: {@code
 * LINK@RATIO,te=0.3}. Links may contain the sign {@code @} themselves, so this is the rule:
 *
 * <ul>
 *   <li>behind the last {@code @}, a number with at most six digits in a row is a ratio;
 *   <li>anything else there belongs to the link, such as the revision of {@code
 *       hf:user/repo/file.safetensors@main};
 *   <li>in Civitai's names, {@code civitai:MODEL@VERSION} and AIR, a whole number without sign
 *       behind the first {@code @} is the version; a ratio needs a second one: {@code
 *       civitai:12@345@0.6}.
 * </ul>
 *
 * @param link the link alone
 * @param ratio the ratio as it was written; empty if there is none
 * @param weights what follows the ratio, beginning with a comma; may be empty
 */
record LinkArgument(String link, Optional<String> ratio, String weights) {
  private static final Pattern WEIGHTS = Pattern.compile(",\\s*\\w+\\s*=");
  private static final Pattern RATIO = Pattern.compile("@\\s*([-+]?[.,]?\\d[\\d.,]*)$");
  private static final Pattern LONG_NUMBER = Pattern.compile("\\d{7,}");
  private static final Pattern NUMBERED_VERSION =
      Pattern.compile("(?i)(?:civitai:|urn:air:|air:|[\\w-]+:[\\w-]+:civitai:)[^@]*@\\d+");

  /** The argument, taken apart; empty if it is no link but a path. */
  static Optional<LinkArgument> of(String text) {
    if (!Link.looksLikeLink(text)) {
      return Optional.empty();
    }
    Matcher weights = WEIGHTS.matcher(text);
    int end = weights.find() ? weights.start() : text.length();
    String head = text.substring(0, end);
    Matcher ratio = RATIO.matcher(head);
    boolean isRatio =
        ratio.find()
            && !LONG_NUMBER.matcher(ratio.group(1)).matches()
            && !NUMBERED_VERSION.matcher(head).matches();
    return Optional.of(
        isRatio
            ? new LinkArgument(
                head.substring(0, ratio.start()), Optional.of(ratio.group(1)), text.substring(end))
            : new LinkArgument(head, Optional.empty(), text.substring(end)));
  }
}
