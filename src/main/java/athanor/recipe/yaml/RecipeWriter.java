package athanor.recipe.yaml;

import athanor.hub.upload.Visibility;
import athanor.merge.plan.BlockList;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Strength;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraRequest;
import athanor.recipe.MergeRequest;
import athanor.recipe.MethodForm;
import athanor.recipe.MixRequest;
import athanor.recipe.OptionsForm;
import athanor.recipe.PushRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Writes a {@link RecipeFile} as YAML. */
final class RecipeWriter {
  private RecipeWriter() {}

  static String write(RecipeFile recipe) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put(RecipeFile.VERSION_KEY, RecipeFile.VERSION);
    write(recipe.request(), fields);
    recipe.out().ifPresent(out -> fields.put("out", InputRequest.lastComponent(out)));
    recipe.push().ifPresent(push -> fields.put("push", push(push)));
    return yaml(fields);
  }

  /** Values of maps, lists, texts, numbers and truths as YAML. */
  static String yaml(Map<String, Object> fields) {
    DumpSettings settings =
        DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setSchema(new CoreSchema())
            .setWidth(1000)
            .build();
    return new Dump(settings).dumpToString(fields);
  }

  private static void write(MergeRequest request, Map<String, Object> fields) {
    request.base().ifPresent(base -> fields.put("base", input(base)));
    if (!request.mix().isEmpty()) {
      fields.put("mix", request.mix().stream().map(RecipeWriter::mixed).toList());
    }
    if (request.mix().isEmpty() || !request.loras().isEmpty()) {
      fields.put("loras", request.loras().stream().map(RecipeWriter::lora).toList());
    }
    request.vae().ifPresent(vae -> fields.put("vae", input(vae)));
    putIf(fields, "fix_positions", request.fixPositions());
    MergeOptions options = request.options();
    OptionsForm.writePrecision(options, fields::put);
    if (request.saysMethod()) {
      MethodForm.write(request.method(), fields::put);
    }
    OptionsForm.writeTolerance(options, fields::put);
    putIf(fields, "no_metadata", !options.writeMetadata());
  }

  private static Object input(InputRequest input) {
    if (input.sha256().isEmpty()) {
      return input.portable();
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    put(fields, input);
    fields.put("sha256", input.sha256().get());
    return fields;
  }

  private static Map<String, Object> mixed(MixRequest mixed) {
    Map<String, Object> fields = weighted(mixed.model(), mixed.strength());
    mixed.minus().ifPresent(minus -> fields.put("minus", input(minus)));
    return fields;
  }

  private static Map<String, Object> lora(LoraRequest lora) {
    return weighted(lora.input(), lora.strength());
  }

  private static Map<String, Object> weighted(InputRequest input, Strength strength) {
    Map<String, Object> fields = new LinkedHashMap<>();
    put(fields, input);
    fields.put("ratio", strength.ratio());
    strength.textEncoderRatio().ifPresent(ratio -> fields.put("te", ratio));
    strength.blocks().ifPresent(blocks -> write(blocks, fields));
    putUnlessEmpty(fields, "only", strength.only());
    putUnlessEmpty(fields, "skip", strength.skip());
    putUnlessEmpty(fields, "elements", strength.elements().stream().map(Object::toString).toList());
    input.sha256().ifPresent(hash -> fields.put("sha256", hash));
    return fields;
  }

  private static void write(BlockList blocks, Map<String, Object> fields) {
    fields.put("lbw", blocks.text());
    if (blocks.elsewhere() != BlockList.PROMPT) {
      fields.put("lbw_elsewhere", blocks.elsewhere());
    }
  }

  private static void put(Map<String, Object> fields, InputRequest input) {
    fields.put(input.isLink() ? "link" : "file", input.portable());
  }

  private static Map<String, Object> push(PushRequest push) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("repo", push.repo().toString());
    if (push.visibility() != Visibility.AS_IS) {
      fields.put("visibility", push.visibility().name().toLowerCase(Locale.ROOT));
    }
    putIf(fields, "create_pr", push.createPr());
    return fields;
  }

  private static void putIf(Map<String, Object> fields, String key, boolean truth) {
    if (truth) {
      fields.put(key, true);
    }
  }

  private static void putUnlessEmpty(Map<String, Object> fields, String key, List<String> texts) {
    if (!texts.isEmpty()) {
      fields.put(key, texts);
    }
  }
}
