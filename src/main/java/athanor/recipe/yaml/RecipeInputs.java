package athanor.recipe.yaml;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.merge.plan.BlockList;
import athanor.merge.plan.ElementRule;
import athanor.merge.plan.Strength;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraRequest;
import athanor.recipe.MixRequest;
import athanor.recipe.RecipeLink;
import athanor.recipe.arguments.LoraArguments;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads the files and links of a recipe. */
final class RecipeInputs {
  private static final List<String> INPUT = List.of("file", "link", "sha256");
  private static final List<String> LORA =
      List.of("file", "link", "ratio", "te", "lbw", "lbw_elsewhere", "only", "skip", "sha256");

  private static final List<String> MIXED =
      Stream.concat(LORA.stream(), Stream.of("minus", "elements")).toList();

  private RecipeInputs() {}

  /** A base or VAE: a file name or link, or a map with one of them. */
  static InputRequest input(YamlNode node, String key) {
    if (node instanceof YamlNode.Fields fields) {
      return input(new YamlMap(fields, key, INPUT), fields, key);
    }
    String expected = "a file name or a link, or a map with file or link";
    return new InputRequest(checked(YamlMap.text(node, key, expected), node.place().toString()));
  }

  private static InputRequest input(YamlMap map, YamlNode.Fields node, String what) {
    Optional<String> file = map.text("file", "a file name");
    Optional<String> link = map.text("link", "a link");
    if (file.isPresent() == link.isPresent()) {
      throw Problem.usage(what + (file.isPresent() ? " is given twice" : " names no file"))
          .at(node.place().toString())
          .found(file.isPresent() ? "file and link" : "neither file nor link")
          .expected("one of them")
          .toException();
    }
    link.filter(text -> !new InputRequest(text).isLink())
        .ifPresent(text -> {
          throw Problem.usage("this is not a link")
              .at(map.place("link"))
              .found("'" + text + "'")
              .help("a file name is given with file:")
              .toException();
        });
    String key = file.isPresent() ? "file" : "link";
    return new InputRequest(checked(file.or(() -> link).get(), map.place(key)), map.hash("sha256"));
  }

  /** A checkpoint to be combined with the base: {@code FILE@RATIO,te=…} or a map. */
  static MixRequest mixed(YamlNode node) {
    if (!(node instanceof YamlNode.Fields fields)) {
      LoraRequest weighted = weighted(node, "mix");
      return new MixRequest(weighted.input(), Optional.empty(), weighted.strength());
    }
    var map = new YamlMap(fields, "a checkpoint", MIXED);
    LoraRequest weighted = weighted(map, fields, "a checkpoint");
    List<ElementRule> elements =
        ElementRule.parseAll(
            String.join("\n", map.texts("elements", "a rule such as OUT03:attn2:0.5")),
            map.place("elements"));
    return new MixRequest(
        weighted.input(),
        map.node("minus").map(minus -> input(minus, "minus")),
        weighted.strength().withElements(elements));
  }

  /** A LoRA: {@code FILE@RATIO,te=…} or a map. */
  static LoraRequest lora(YamlNode node) {
    return node instanceof YamlNode.Fields fields
        ? weighted(new YamlMap(fields, "a LoRA", LORA), fields, "a LoRA")
        : weighted(node, "loras");
  }

  private static LoraRequest weighted(YamlNode node, String key) {
    String place = node.place().toString();
    String text = YamlMap.text(node, key, "FILE_OR_LINK@RATIO, or a map with file or link");
    try {
      LoraRequest lora = LoraArguments.parse(text);
      checked(lora.input().text(), place);
      return lora;
    } catch (AthanorException e) {
      throw e.problem().at(e.problem().where().filter(place::equals).orElse(place)).toException();
    }
  }

  private static LoraRequest weighted(YamlMap map, YamlNode.Fields node, String what) {
    InputRequest input = input(map, node, what);
    double elsewhere = map.number("lbw_elsewhere", "a number").orElse(BlockList.PROMPT);
    Optional<Double> te = map.number("te", "a number such as 0.3").stream().boxed().findFirst();
    var strength =
        new Strength(
            map.number("ratio", "a number such as 0.6").orElse(1),
            te,
            map.node("lbw").map(lbw -> blocks(lbw, elsewhere)),
            map.texts("only", "a pattern"),
            map.texts("skip", "a pattern"));
    return new LoraRequest(input, strength);
  }

  private static BlockList blocks(YamlNode node, double elsewhere) {
    String expected =
        "a preset such as OUTALL, or 12, 17, 20 or 26 numbers (a UNet), or one a slot";
    String place = node.place().toString();
    if (node instanceof YamlNode.Items list) {
      return BlockList.of(
          list.values().stream().map(item -> YamlMap.number(item, "lbw", "a number")).toList(),
          elsewhere,
          place);
    }
    return BlockList.parse(YamlMap.text(node, "lbw", expected), elsewhere, place);
  }

  /** A link without secrets, or a file name without folder. */
  private static String checked(String text, String place) {
    if (!new InputRequest(text).isLink()) {
      return fileName(text, place);
    }
    RecipeLink.secret(text)
        .ifPresent(secret -> {
          throw Problem.usage("a recipe must not hold a token, a password or a signed link")
              .at(place)
              .found(RecipeLink.portable(text) + " with " + secret)
              .expected("the link without it")
              .help("log in instead: athanor auth login hf, or athanor auth login civitai")
              .toException();
        });
    return text;
  }

  /** The text, if it is a plain file name. */
  static String fileName(String text, String place) {
    boolean folder =
        text.contains("/") || text.contains("\\") || text.matches("\\.\\.?|[A-Za-z]:.*");
    if (folder || text.isBlank() || text.indexOf('\0') >= 0) {
      throw Problem.usage("a recipe names files without their folders")
          .at(place)
          .found("'" + text + "'")
          .expected(text.isBlank() ? "a file name" : "'" + lastPart(text) + "'")
          .help("keep the file beside the recipe, or say where it is: --inputs FOLDER")
          .toException();
    }
    return text;
  }

  private static String lastPart(String text) {
    String last = text.replaceFirst("[/\\\\]+$", "").replaceFirst(".*[/\\\\:]", "");
    return last.isEmpty() ? "a file name" : last;
  }
}
