package athanor.recipe.arguments;

import athanor.error.Problem;
import athanor.recipe.InputRequest;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Ratios as other programs and people spell them: {@code FILE:0.5}, {@code FILE=0.5}, {@code FILE
 * 0.5}, {@code FILE@60%}, {@code FILE@0,5}. Behind a file's extension, or behind {@code @}, a
 * number can mean nothing else; everywhere else the right spelling is said. Immutable.
 *
 * @param head the file or link
 * @param found what stands behind it
 * @param ratio the number, with a point and at least one decimal
 * @param weights weights of its parts as they were given, with a comma before them; may be empty
 */
record RatioSpelling(String head, String found, String ratio, String weights) {
  private static final String EXTENSION = "\\.(?:safetensors|sft|ckpt|pth?|bin)";
  private static final String NUMBER = "[-+\u2212\u2013]?(?:\\d+(?:[.,]\\d*)?|[.,]\\d+)(?:\\s*%)?";

  private static final Pattern COMPLETE =
      Pattern.compile("(?is).*[^\\s/\\\\]" + EXTENSION + "\\s*");
  private static final Pattern BEHIND_EXTENSION =
      Pattern.compile(
          "(?is)(.*[^\\s/\\\\]" + EXTENSION + ")((?:\\s*[:=*,]\\s*|\\s+)(" + NUMBER + "))\\s*");
  private static final Pattern BEHIND_AT = Pattern.compile("(?s)(.+)(@\\s*(" + NUMBER + "))\\s*");
  private static final Pattern TWO =
      Pattern.compile("(?is)(.+" + EXTENSION + "):(" + NUMBER + "):(" + NUMBER + ")");
  private static final Pattern BARE =
      Pattern.compile("(?s)([^:=,@]+)(?:\\s*[:=*]\\s*|\\s+)(" + NUMBER + ")");
  private static final Pattern ITEM =
      Pattern.compile("(?is)(.+(?:" + EXTENSION + "(?=[:=@*])|(?=[:@])))[:=@*]([-+]?[\\d.]+%?)");
  private static final Pattern TAG = Pattern.compile("(?is)\\s*<(?:lora|lyco):.*");
  private static final Pattern WEIGHTS = Pattern.compile(",\\s*(?:te|lbw|only|skip)\\s*=");
  private static final Pattern PLAIN = Pattern.compile("[-+]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)");
  private static final Pattern THOUSANDS = Pattern.compile("[-+]?[1-9]\\d{0,2},\\d{3}");

  /** The spelling of an argument; empty if it is this program's, or not understood. */
  static Optional<RatioSpelling> of(String argument) {
    Matcher weights = WEIGHTS.matcher(argument);
    int end = weights.find() ? weights.start() : argument.length();
    String file = argument.substring(0, end);
    Matcher at = BEHIND_AT.matcher(file);
    if (at.matches()) {
      boolean isTight =
          at.group(2).length() == at.group(3).length() + 1
              && at.group(1).equals(at.group(1).stripTrailing());
      return isTight && PLAIN.matcher(at.group(3)).matches()
          ? Optional.empty()
          : spelled(at, argument.substring(end));
    }
    Matcher behind = BEHIND_EXTENSION.matcher(file);
    return behind.matches() ? spelled(behind, argument.substring(end)) : Optional.empty();
  }

  /** A ratio that a file carries in whatever spelling, this program's included. */
  static Optional<RatioSpelling> behind(String argument) {
    Optional<RatioSpelling> other = of(argument);
    Matcher at = BEHIND_AT.matcher(argument);
    return other.isPresent() || !at.matches() || !isComplete(at.group(1)) ? other : spelled(at, "");
  }

  private static Optional<RatioSpelling> spelled(Matcher parts, String weights) {
    return number(parts.group(3))
        .map(ratio ->
            new RatioSpelling(parts.group(1).strip(), parts.group(2).strip(), ratio, weights));
  }

  /**
   * A number with a decimal comma, a percent sign or a typographic minus, as arguments have it;
   * empty if it is none, or could be either one thousand or one.
   */
  static Optional<String> number(String text) {
    String plain = text.strip().replace('\u2212', '-').replace('\u2013', '-');
    boolean percent = plain.endsWith("%");
    String digits = percent ? plain.substring(0, plain.length() - 1).strip() : plain;
    String point = digits.replace(',', '.');
    if (THOUSANDS.matcher(digits).matches() || !PLAIN.matcher(point).matches()) {
      return Optional.empty();
    }
    BigDecimal value = new BigDecimal(point).movePointLeft(percent ? 2 : 0).stripTrailingZeros();
    return Optional.of(
        value.setScale(Math.max(1, value.scale()), RoundingMode.UNNECESSARY).toPlainString());
  }

  /** Whether an argument is nothing but a number, so that it can only be a ratio. */
  static boolean isNumber(String argument) {
    return number(argument).isPresent();
  }

  /** Whether an argument can only be the ratio of the file before it: a number, or @ and one. */
  static boolean isRatio(String argument) {
    return isNumber(argument.strip().replaceFirst("^@", ""));
  }

  /** Whether an argument ends with the extension of a model's file, so that a ratio may follow. */
  static boolean isComplete(String argument) {
    return COMPLETE.matcher(argument).matches();
  }

  /** A file and the ratio behind it as one argument, whichever of the two has the sign. */
  static String joined(String file, String ratio) {
    return file.strip().replaceFirst("@$", "") + " " + ratio.strip().replaceFirst("^@", "");
  }

  /** The argument in this program's spelling. */
  String argument() {
    return head + "@" + ratio + weights;
  }

  /** What was understood, in a sentence without what may be secret in a link. */
  String note() {
    String shown = new InputRequest(head).shown();
    return shown + ": '" + found + "' is taken as the ratio " + ratio + ", written @" + ratio;
  }

  /** That this spelling is another program's. */
  Problem refusal() {
    String shown = new InputRequest(head).shown();
    return Problem.usage("the ratio is not spelled as here")
        .at(shown)
        .found("'" + found + "'")
        .expected("FILE@RATIO")
        .help("write " + shown + "@" + ratio + weights);
  }

  /**
   * What an argument means that is no file, but a tag of a prompt, a LoRA with two ratios or
   * several LoRAs; empty if it is none of these.
   */
  static Optional<Problem> otherThanAFile(String argument) {
    if (TAG.matcher(argument).matches()) {
      return Optional.of(
          Problem.usage("a tag of a prompt stands where a file is expected")
              .at(argument)
              .help(
                  "give it as a prompt, with the folder of its file: --prompt \""
                      + argument.strip()
                      + "\" --lora-dir FOLDER"));
    }
    Matcher two = TWO.matcher(argument);
    if (two.matches()) {
      return Optional.of(
          Problem.usage("two ratios for one LoRA")
              .at(argument)
              .expected("FILE@RATIO, and te=RATIO for the text encoders")
              .help("write " + two.group(1) + "@" + two.group(2) + ",te=" + two.group(3)));
    }
    return several(argument);
  }

  private static Optional<Problem> several(String argument) {
    if (WEIGHTS.matcher(argument).find()) {
      return Optional.empty();
    }
    List<Matcher> items =
        Pattern.compile(",").splitAsStream(argument).map(String::strip).map(ITEM::matcher).toList();
    return items.size() > 1 && items.stream().allMatch(Matcher::matches)
        ? Optional.of(
            Problem.usage("several LoRAs in one argument")
                .at(argument)
                .expected("an argument for each, FILE@RATIO")
                .help(
                    "write "
                        + items.stream()
                            .map(item -> item.group(1) + "@" + item.group(2))
                            .collect(Collectors.joining(" "))))
        : Optional.empty();
  }

  /** What a name with a number behind it means, if no file is called so. */
  static Optional<Problem> missing(String argument) {
    Matcher bare = BARE.matcher(argument);
    return bare.matches()
        ? number(bare.group(2))
            .map(ratio ->
                Problem.usage("there is no such file, and a ratio is not spelled like this")
                    .at(argument)
                    .expected("FILE@RATIO")
                    .help("write " + bare.group(1).strip() + ".safetensors@" + ratio))
        : Optional.empty();
  }
}
