package athanor.card;

import athanor.error.PrintableText;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Numbers;
import athanor.merge.plan.Strength;
import athanor.recipe.Provenance;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultPrettyPrinter;

/** What a result was made of, and how. */
final class RecipeSection {
  private final Provenance recipe;

  RecipeSection(Provenance recipe) {
    this.recipe = recipe;
  }

  String text() {
    return "## Recipe\n\n"
        + table()
        + "\n"
        + settings()
        + "\n\nThe same, as it is stored in the file's metadata under `"
        + Provenance.METADATA_KEY
        + "`:\n\n"
        + Markdown.block("json", inert(indented(recipe.toJson())));
  }

  private String table() {
    boolean weighted = recipe.inputs().stream().anyMatch(input -> !parts(input).isEmpty());
    List<String> head = new ArrayList<>(List.of("part", "file", "ratio"));
    if (weighted) {
      head.add("weights");
    }
    head.add("SHA-256");
    List<List<String>> rows = new ArrayList<>();
    recipe.base().ifPresent(base -> rows.add(row("base", base, weighted)));
    for (Provenance.Mixed mixed : recipe.mix()) {
      rows.add(row("checkpoint", mixed.model(), weighted));
      mixed.minus().ifPresent(minus -> rows.add(row("less", minus, weighted)));
    }
    recipe.loras().forEach(lora -> rows.add(row("LoRA", lora, weighted)));
    recipe.vae().ifPresent(vae -> rows.add(row("VAE", vae, weighted)));
    return Markdown.table(head, rows);
  }

  private static List<String> row(String part, Provenance.Input input, boolean weighted) {
    List<String> cells = new ArrayList<>();
    cells.add(part);
    cells.add(linked(input));
    cells.add(input.strength().map(own -> Numbers.text(own.ratio())).orElse(""));
    if (weighted) {
      cells.add(parts(input).isEmpty() ? "" : Markdown.code(parts(input)));
    }
    cells.add(hash(input));
    return cells;
  }

  private static String parts(Provenance.Input input) {
    return input.strength().map(Strength::partsText).orElse("");
  }

  private static String hash(Provenance.Input input) {
    return input
        .origin()
        .sha256()
        .map(Markdown::code)
        .or(() -> input.headerSha256().map(hash -> "of the header: " + Markdown.code(hash)))
        .orElse("not known");
  }

  /** The name of an input; a link if it can be seen somewhere. */
  static String linked(Provenance.Input input) {
    String name = Markdown.code(input.name());
    return HubNames.page(input).map(page -> Markdown.link(name, page)).orElse(name);
  }

  private String settings() {
    List<String> sentences = new ArrayList<>();
    recipe
        .method()
        .ifPresent(result -> sentences.add("Method: " + Markdown.text(result.text()) + "."));
    MergeOptions options = recipe.options();
    sentences.add("Calculated in " + options.precision() + ".");
    options.savePrecision().ifPresent(saved -> sentences.add("Stored as " + saved + "."));
    if (recipe.fixedPositions()) {
      sentences.add("Damaged position ids were put right.");
    }
    if (!recipe.version().isEmpty()) {
      sentences.add("Made with Athanor " + Markdown.text(recipe.version()) + ".");
    }
    return String.join(" ", sentences);
  }

  private static String indented(String json) {
    var text = new StringWriter();
    var factory = new JsonFactory();
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), json);
        JsonGenerator generator = factory.createGenerator(new Indented(), text)) {
      parser.nextToken();
      generator.copyCurrentStructure(parser);
    }
    return text.toString().replace("\r\n", "\n");
  }

  /** In JSON, what could act in Markdown, HTML or a terminal stands in texts only. */
  private static String inert(String json) {
    var out = new StringBuilder(json.length());
    json.codePoints()
        .forEach(point -> {
          boolean acts =
              "<>&`".indexOf(point) >= 0 || !PrintableText.isVisible(point) && point != '\n';
          if (acts) {
            for (char unit : Character.toChars(point)) {
              out.append("\\u").append(HexFormat.of().toHexDigits(unit));
            }
          } else {
            out.appendCodePoint(point);
          }
        });
    return out.toString();
  }

  private static final class Indented extends ObjectWriteContext.Base {
    @Override
    public boolean hasPrettyPrinter() {
      return true;
    }

    @Override
    public PrettyPrinter getPrettyPrinter() {
      return new DefaultPrettyPrinter();
    }
  }
}
