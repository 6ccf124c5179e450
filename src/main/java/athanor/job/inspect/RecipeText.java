package athanor.job.inspect;

import athanor.error.AthanorException;
import athanor.error.PrintableText;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Numbers;
import athanor.merge.plan.Strength;
import athanor.recipe.MergeRequest;
import athanor.recipe.MixRequest;
import athanor.recipe.Provenance;
import athanor.recipe.WebuiRecipeReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The recipe in a file's metadata ({@link Provenance#METADATA_KEY}) as people read it. */
final class RecipeText {
  private RecipeText() {}

  /**
   * One line, of what this program or the merger of a web UI notes; empty if there is no recipe, or
   * it cannot be read.
   */
  static Optional<String> of(Map<String, String> metadata) {
    return Optional.ofNullable(metadata.get(Provenance.METADATA_KEY))
        .flatMap(Provenance::parse)
        .map(RecipeText::line)
        .or(() -> ofWebui(metadata));
  }

  private static Optional<String> ofWebui(Map<String, String> metadata) {
    try {
      return WebuiRecipeReader.read("", metadata).map(RecipeText::line);
    } catch (AthanorException e) {
      return Optional.empty();
    }
  }

  private static String line(MergeRequest request) {
    List<String> parts = new ArrayList<>();
    request.base().ifPresent(base -> parts.add(base.portable()));
    for (MixRequest mixed : request.mix()) {
      String model = mixed.model().portable();
      parts.add(
          mixed.minus().map(minus -> "(" + model + " − " + minus.portable() + ")").orElse(model)
              + strength(mixed.strength()));
    }
    return PrintableText.line(
        String.join(" + ", parts)
            + " (method "
            + request.method().text()
            + "), by the merger of a web UI; athanor recipe-of writes it as a recipe");
  }

  private static String line(Provenance recipe) {
    List<String> parts = new ArrayList<>();
    recipe.base().ifPresent(base -> parts.add(base.name()));
    recipe.mix().forEach(mixed -> parts.add(mixed(mixed)));
    recipe.loras().forEach(lora -> parts.add(lora(lora)));
    recipe.vae().ifPresent(vae -> parts.add("VAE of " + vae.name()));
    return String.join(" + ", parts)
        + " ("
        + String.join(", ", settings(recipe))
        + "), by "
        + ("Athanor " + recipe.version()).strip();
  }

  private static String mixed(Provenance.Mixed mixed) {
    return mixed
        .minus()
        .map(minus ->
            "("
                + mixed.model().name()
                + " − "
                + minus.name()
                + ")"
                + mixed.model().strength().map(RecipeText::strength).orElse(""))
        .orElseGet(() -> lora(mixed.model()));
  }

  private static String lora(Provenance.Input lora) {
    return lora.name() + lora.strength().map(RecipeText::strength).orElse("");
  }

  private static String strength(Strength strength) {
    String parts = strength.isUniform() ? "" : " (" + strength.partsText() + ")";
    return "@" + Numbers.text(strength.ratio()) + parts;
  }

  private static List<String> settings(Provenance recipe) {
    MergeOptions options = recipe.options();
    List<String> settings = new ArrayList<>();
    recipe.method().ifPresent(result -> settings.add("method " + result.text()));
    settings.add("precision " + options.precision());
    settings.add("save precision " + options.savePrecision().map(Object::toString).orElse("keep"));
    if (recipe.fixedPositions()) {
      settings.add("position ids put right");
    }
    return settings;
  }
}
