package athanor.recipe.arguments;

import athanor.error.Problem;
import athanor.merge.plan.BlockList;
import athanor.recipe.LoraRequest;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Block weights as kohya's {@code sdxl_merge_lora.py} and {@code svd_merge_lora.py} take them:
 * {@code --lbws}, one JSON list of 12, 17, 20 or 26 numbers for each model, all equally long.
 * Blocks that a list does not name keep the full ratio.
 */
public final class KohyaBlockWeights {
  private static final String OPTION = "--lbws";

  private KohyaBlockWeights() {}

  /**
   * Gives each LoRA its list.
   *
   * @param loras the LoRAs, in order
   * @param lists as many JSON lists
   * @throws athanor.error.AthanorException of kind USAGE if the counts differ, a list is no JSON
   *     list of numbers, the lists are not equally long or of no known length, or a LoRA has block
   *     weights already
   */
  public static List<LoraRequest> apply(List<LoraRequest> loras, List<String> lists) {
    if (lists.size() != loras.size()) {
      throw Problem.usage("every LoRA needs one list of block weights: the numbers differ")
          .at(OPTION)
          .found(lists.size() + " lists for " + loras.size() + " LoRAs")
          .expected("as many lists as LoRAs, in the same order")
          .help("quote each list: --lbws \"[1,0,…]\" \"[1,1,…]\"")
          .toException();
    }
    List<List<Double>> weights = new ArrayList<>();
    for (int i = 0; i < lists.size(); i++) {
      weights.add(parse(lists.get(i), OPTION + ", list " + (i + 1)));
    }
    for (int i = 1; i < weights.size(); i++) {
      if (weights.get(i).size() != weights.getFirst().size()) {
        throw Problem.usage("all lists of block weights must have the same length")
            .at(OPTION + ", list " + (i + 1))
            .found(weights.get(i).size() + " weights")
            .expected(weights.getFirst().size() + ", as in list 1")
            .help("to mix lengths, write the weights behind each file: FILE@RATIO,lbw=1,0,…")
            .toException();
      }
    }
    List<LoraRequest> weighted = new ArrayList<>();
    for (int i = 0; i < loras.size(); i++) {
      weighted.add(with(loras.get(i), weights.get(i), OPTION + ", list " + (i + 1)));
    }
    return weighted;
  }

  private static LoraRequest with(LoraRequest lora, List<Double> values, String place) {
    if (lora.strength().blocks().isPresent()) {
      throw Problem.usage("block weights are given twice for one LoRA")
          .at(lora.input().shown())
          .found("lbw= and " + OPTION)
          .help("use one of them")
          .toException();
    }
    return lora.with(lora.strength().withBlocks(BlockList.of(values, BlockList.KOHYA, place)));
  }

  private static List<Double> parse(String text, String place) {
    List<Double> values = new ArrayList<>();
    try (JsonParser json = new JsonFactory().createParser(ObjectReadContext.empty(), text)) {
      if (json.nextToken() != JsonToken.START_ARRAY) {
        throw notAList(text, place).toException();
      }
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (json.currentToken() == null || !json.currentToken().isNumeric()) {
          throw notAList(text, place).toException();
        }
        values.add(finite(json.getDoubleValue(), text, place));
      }
      if (json.nextToken() != null) {
        throw notAList(text, place).toException();
      }
    } catch (JacksonException e) {
      throw notAList(text, place).toException(e);
    }
    return values;
  }

  private static double finite(double value, String text, String place) {
    if (!Double.isFinite(value)) {
      throw notAList(text, place).toException();
    }
    return value;
  }

  private static Problem notAList(String text, String place) {
    return Problem.usage("block weights must be a JSON list of numbers")
        .at(place)
        .found(text)
        .expected("12, 17, 20 or 26 numbers in brackets, such as [1,0,0.5,…]")
        .help("a preset goes behind its file instead: FILE@RATIO,lbw=OUTALL");
  }
}
