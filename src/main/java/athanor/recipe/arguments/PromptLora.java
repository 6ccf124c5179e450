package athanor.recipe.arguments;

import athanor.error.Problem;
import athanor.merge.plan.BlockList;
import athanor.merge.plan.Strength;
import athanor.recipe.LoraInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A LoRA as prompts of AUTOMATIC1111's and Forge's web UI call it: {@code
 * <lora:NAME:TE:UNET:lbw=OUTALL>}, or {@code <lyco:…>}. Immutable.
 *
 * <p>As there, the first number is the text encoder's ratio and by default also the UNet's; {@code
 * te=} and {@code unet=} replace them. Block weights are what the lora-block-weight extension
 * reads: {@code lbw=} or {@code w=}, or a preset or a list in place of a number.
 *
 * @param name the file's name without folder and extension, or the LoRA's own name
 * @param textEncoderRatio the ratio of the text encoders
 * @param unetRatio the ratio of the UNet
 * @param blocks a weight for each block
 * @param notes what of the call has no meaning in a merge
 */
public record PromptLora(
    String name,
    double textEncoderRatio,
    double unetRatio,
    Optional<BlockList> blocks,
    List<String> notes) {
  private static final Pattern TAG = Pattern.compile("<(\\w+):([^>]+)>");

  /** Copies the list. */
  public PromptLora {
    notes = List.copyOf(notes);
  }

  /**
   * The LoRAs that a prompt calls, in order; the rest of it is ignored.
   *
   * @throws athanor.error.AthanorException of kind USAGE if it calls none, or a call is malformed
   */
  public static List<PromptLora> parse(String prompt) {
    List<PromptLora> loras = new ArrayList<>();
    Matcher tag = TAG.matcher(prompt);
    while (tag.find()) {
      String type = tag.group(1).toLowerCase(Locale.ROOT);
      if (type.equals("lora") || type.equals("lyco")) {
        loras.add(new Call(tag.group()).read(tag.group(2)));
      }
    }
    if (loras.isEmpty()) {
      throw Problem.usage("the prompt calls no LoRA")
          .at("--prompt")
          .found("'" + prompt + "'")
          .expected("<lora:NAME:RATIO>, for example <lora:pixel:0.6>")
          .help("quote the prompt, or the shell takes < and > for itself")
          .toException();
    }
    return loras;
  }

  /** The LoRA with its file. */
  public LoraInput input(Path file) {
    Optional<Double> other =
        textEncoderRatio == unetRatio ? Optional.empty() : Optional.of(textEncoderRatio);
    return new LoraInput(file, new Strength(unetRatio, other, blocks, List.of(), List.of()));
  }

  /** Reads the arguments of one call. */
  private static final class Call {
    private final String tag;
    private final List<Double> numbers = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private Optional<Double> te = Optional.empty();
    private Optional<Double> unet = Optional.empty();
    private Optional<BlockList> blocks = Optional.empty();

    Call(String tag) {
      this.tag = tag;
    }

    PromptLora read(String arguments) {
      String[] items = arguments.split(":", -1);
      if (items[0].isBlank()) {
        throw Problem.usage("a LoRA without a name")
            .at(tag)
            .expected("<lora:NAME:RATIO>")
            .toException();
      }
      for (int i = 1; i < items.length; i++) {
        int equals = items[i].indexOf('=');
        if (equals < 0) {
          positional(items[i].strip());
        } else {
          named(items[i].substring(0, equals).strip(), items[i].substring(equals + 1).strip());
        }
      }
      if (numbers.size() > 2) {
        notes.add(tag + ": the third number (dyn, a lower rank) is ignored");
      }
      double first = te.orElse(numbers.isEmpty() ? 1 : numbers.getFirst());
      double second = unet.orElse(numbers.size() > 1 ? numbers.get(1) : first);
      return new PromptLora(items[0].strip(), first, second, blocks, notes);
    }

    /** Numbers come first; the first other word is block weights, a later one has no meaning. */
    private void positional(String item) {
      boolean word = !item.isEmpty() && (Character.isLetter(item.charAt(0)) || item.contains(","));
      if (!word || numbers.isEmpty()) {
        numbers.add(LoraArguments.ratio(item, tag));
      } else if (blocks.isEmpty()) {
        blocks = Optional.of(BlockList.parse(item, BlockList.PROMPT, tag));
      } else {
        notes.add(tag + ": " + item + " (weights by element) is ignored");
      }
    }

    private void named(String name, String value) {
      switch (name) {
        case "te" -> te = Optional.of(LoraArguments.ratio(value, tag));
        case "unet" -> unet = Optional.of(LoraArguments.ratio(value, tag));
        case "lbw", "w" -> blocks = Optional.of(BlockList.parse(value, BlockList.PROMPT, tag));
        case "dyn" -> notes.add(tag + ": dyn= (a lower rank) is ignored");
        case "lbwe" -> notes.add(tag + ": lbwe= (weights by element) is ignored");
        case "start", "stop", "step" ->
            notes.add(
                tag + ": " + name + "= (steps of the sampler) is ignored, a merge holds for all");
        default -> notes.add(tag + ": " + name + "= is unknown and ignored");
      }
    }
  }
}
