package athanor.job;

import athanor.recipe.Provenance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** The recipe in a file's metadata ({@link Provenance#METADATA_KEY}) as people read it. */
final class RecipeText {
  private final List<String> parts = new ArrayList<>();
  private final List<String> options = new ArrayList<>();
  private String program = "Athanor";

  private RecipeText() {}

  /** One line; empty if there is no recipe, or it cannot be read. */
  static Optional<String> of(Map<String, String> metadata) {
    String json = metadata.get(Provenance.METADATA_KEY);
    if (json == null) {
      return Optional.empty();
    }
    var text = new RecipeText();
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        parser.nextToken();
        text.read(name, parser);
      }
    } catch (JacksonException e) {
      return Optional.empty();
    }
    return text.parts.isEmpty() ? Optional.empty() : Optional.of(text.line());
  }

  private String line() {
    String settings = options.isEmpty() ? "" : " (" + String.join(", ", options) + ")";
    return String.join(" + ", parts) + settings + ", by " + program;
  }

  private void read(String name, JsonParser parser) {
    switch (name) {
      case "athanor" -> program = "Athanor " + parser.getString();
      case "base" -> input(parser, "").ifPresent(base -> parts.addFirst(base));
      case "loras" -> loras(parser);
      case "vae" -> input(parser, "VAE of ").ifPresent(parts::add);
      case "precision", "save_precision" ->
          options.add(name.replace('_', ' ') + " " + parser.getString());
      case "fixed_positions" -> options.add("position ids put right");
      default -> parser.skipChildren();
    }
  }

  private void loras(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      input(parser, "").ifPresent(parts::add);
    }
  }

  /** {@code name@ratio}. */
  private static Optional<String> input(JsonParser parser, String before) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return Optional.empty();
    }
    String name = "";
    String ratio = "";
    for (String key = parser.nextName(); key != null; key = parser.nextName()) {
      JsonToken value = parser.nextToken();
      if (key.equals("name") && value == JsonToken.VALUE_STRING) {
        name = parser.getString();
      } else if (key.equals("ratio") && value.isNumeric()) {
        ratio = "@" + parser.getString();
      } else {
        parser.skipChildren();
      }
    }
    return name.isEmpty() ? Optional.empty() : Optional.of(before + name + ratio);
  }
}
