package athanor.recipe;

import athanor.error.Problem;
import athanor.merge.method.MixMethod;
import athanor.merge.method.Settings;
import athanor.merge.method.mix.MixMethods;
import athanor.merge.plan.BlockList;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Precision;
import athanor.merge.plan.Strength;
import athanor.net.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads how AUTOMATIC1111's merger or SuperMerger made a checkpoint, from its metadata, as far as
 * they say it. A file's metadata can say anything, so names lose their folders and what is of the
 * wrong type counts as missing.
 */
public final class WebuiRecipeReader {
  private static final int SHORT_HASH = 10;
  private static final Map<String, String> CALCULATIONS =
      Map.of(
          "normal", "sum",
          "cosineA", "cosine-a",
          "cosineB", "cosine-b",
          "trainDifference", "train-difference",
          "smoothAdd", "smooth-add");

  private final String file;
  private final Json recipe;
  private final Json models;

  private WebuiRecipeReader(String file, Json recipe, Json models) {
    this.file = file;
    this.recipe = recipe;
    this.models = models;
  }

  /**
   * The merge that made a file; empty if its metadata hold no such recipe.
   *
   * @param file its name, for messages
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if the recipe says too little, or
   *     something that cannot be done here, naming it
   */
  public static Optional<MergeRequest> read(String file, Map<String, String> metadata) {
    Optional<Json> recipe = json(metadata.get(WebuiRecipe.RECIPE));
    Optional<Json> models = json(metadata.get(WebuiRecipe.MODELS));
    return recipe.map(
        found -> new WebuiRecipeReader(file, found, models.orElse(Json.NOTHING)).request());
  }

  private static Optional<Json> json(@Nullable String text) {
    if (text == null || text.length() > 1 << 20) {
      return Optional.empty();
    }
    try {
      Json json = Json.parse(text.getBytes(StandardCharsets.UTF_8));
      return json instanceof Json.Fields ? Optional.of(json) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private MergeRequest request() {
    return switch (recipe.get("type").text().orElse("")) {
      case "webui", "athanor" -> ofWebui();
      case "sd-webui-supermerger" -> ofSuperMerger();
      default -> throw tooLittle("type", recipe.get("type")).toException();
    };
  }

  private MergeRequest ofWebui() {
    InputRequest base = model("primary_model_hash");
    double ratio = number("multiplier");
    MixRequest mixed =
        switch (recipe.get("interp_method").text().orElse("")) {
          case "Weighted sum" ->
              new MixRequest(model("secondary_model_hash"), Optional.empty(), Strength.of(ratio));
          case "Add difference" ->
              new MixRequest(
                  model("secondary_model_hash"),
                  Optional.of(model("tertiary_model_hash")),
                  Strength.of(ratio));
          default -> throw tooLittle("interp_method", recipe.get("interp_method")).toException();
        };
    if (!recipe.get("models").items().isEmpty()) {
      throw tooLittle("models", recipe.get("models")).toException();
    }
    return request(base, List.of(mixed), MixMethods.LIST.standard());
  }

  private MergeRequest ofSuperMerger() {
    InputRequest base = model("model_a");
    Strength alpha = strength("weights_alpha", "base_alpha");
    String calculation = recipe.get("calcmode").text().orElse("normal");
    String name = CALCULATIONS.getOrDefault(calculation, "");
    if (name.isEmpty() || recipe.get("elemental_merge").text().isPresent()) {
      String key = name.isEmpty() ? "calcmode" : "elemental_merge";
      throw tooLittle(key, recipe.get(key)).toException();
    }
    List<MixRequest> mix = new ArrayList<>();
    switch (recipe.get("mode").text().orElse("")) {
      case "Weight sum" -> mix.add(new MixRequest(model("model_b"), Optional.empty(), alpha));
      case "Add difference" ->
          mix.add(new MixRequest(model("model_b"), Optional.of(model("model_c")), alpha));
      case "Triple sum", "sum Twice" -> {
        mix.add(new MixRequest(model("model_b"), Optional.empty(), alpha));
        mix.add(
            new MixRequest(
                model("model_c"), Optional.empty(), strength("weights_beta", "base_beta")));
        if (recipe.get("mode").text().orElse("").equals("sum Twice")) {
          name = "sum-twice";
        }
      }
      default -> throw tooLittle("mode", recipe.get("mode")).toException();
    }
    MixMethod method = MixMethods.LIST.named(name).orElseThrow().method().apply(Settings.NONE);
    return request(base, mix, method);
  }

  /** One ratio, or, with block weights, numbers behind that of the text encoders. */
  private Strength strength(String blocks, String base) {
    double ofBase = number(base);
    if (!recipe.get("mbw").isTrue()) {
      return Strength.of(ofBase);
    }
    List<Double> weights = new ArrayList<>(List.of(ofBase));
    recipe.get(blocks).items().forEach(item -> item.number().ifPresent(weights::add));
    if (weights.size() == 1) {
      throw tooLittle(blocks, recipe.get(blocks)).toException();
    }
    return Strength.FULL.withBlocks(BlockList.of(weights, BlockList.KOHYA, file));
  }

  private MergeRequest request(InputRequest base, List<MixRequest> mix, MixMethod method) {
    MergeOptions usual = MergeOptions.defaults();
    MergeOptions options =
        recipe.get("save_as_half").isTrue()
            ? new MergeOptions(usual.precision(), Optional.of(Precision.FP16), true, false, false)
            : usual;
    return new MergeRequest(
        Optional.of(base), mix, List.of(), Optional.empty(), false, options, method, false);
  }

  private double number(String key) {
    return recipe
        .get(key)
        .number()
        .filter(Double::isFinite)
        .orElseThrow(() -> tooLittle(key, recipe.get(key)).toException());
  }

  /** A model by its hash, under the name that the models have for it. */
  private InputRequest model(String key) {
    String hash =
        recipe.get(key).text().orElseThrow(() -> tooLittle(key, recipe.get(key)).toException());
    Optional<String> name =
        models
            .get(hash)
            .get("name")
            .text()
            .map(InputRequest::lastComponent)
            .map(text -> text.replaceFirst(" \\[[0-9a-f]+\\]$", ""))
            .filter(text -> !text.isBlank() && !text.matches("\\.\\.?"));
    InputRequest input =
        new InputRequest(
            name.orElse("model-" + hash.substring(0, Math.min(SHORT_HASH, hash.length()))));
    return hash.matches("[0-9a-f]{64}") ? input.withSha256(hash) : input;
  }

  private Problem tooLittle(String key, Json found) {
    return Problem.incompatible("this recipe says too little, or what cannot be done here")
        .at(file + ", " + WebuiRecipe.RECIPE)
        .found(key + ": " + found.text().orElse(found.equals(Json.NOTHING) ? "nothing" : "…"));
  }
}
