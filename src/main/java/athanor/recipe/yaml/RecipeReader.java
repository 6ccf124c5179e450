package athanor.recipe.yaml;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.hub.upload.RepoId;
import athanor.hub.upload.Visibility;
import athanor.merge.method.LoraMethods;
import athanor.merge.method.Method;
import athanor.merge.method.MethodList;
import athanor.merge.method.Settings;
import athanor.merge.method.mix.MixMethods;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraRequest;
import athanor.recipe.MergeRequest;
import athanor.recipe.MethodForm;
import athanor.recipe.MixRequest;
import athanor.recipe.NestedMix;
import athanor.recipe.OptionsForm;
import athanor.recipe.PushRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads a {@link RecipeFile} from YAML. */
final class RecipeReader {
  private static final List<String> KEYS =
      Stream.of(
              List.of(
                  RecipeFile.VERSION_KEY,
                  "base",
                  "mix",
                  "loras",
                  "vae",
                  "fix_positions",
                  "precision",
                  "save_precision"),
              MethodForm.keys(),
              List.of(
                  "prune_ema",
                  "ema_too",
                  "skip_incompatible",
                  "allow_partial",
                  "allow_non_finite",
                  "no_metadata",
                  "out",
                  "push"))
          .flatMap(List::stream)
          .toList();

  private final YamlMap map;

  private RecipeReader(YamlMap map) {
    this.map = map;
  }

  static RecipeFile read(byte[] yaml, String name) {
    YamlNode.Fields document = YamlDocument.read(yaml, name);
    requireVersion(document, name);
    return new RecipeReader(new YamlMap(document, "a recipe", KEYS)).read();
  }

  private static void requireVersion(YamlNode.Fields document, String name) {
    YamlNode.Field version = document.values().get(RecipeFile.VERSION_KEY);
    String expected = RecipeFile.VERSION_KEY + ": " + RecipeFile.VERSION;
    if (version == null) {
      throw Problem.usage("a recipe begins with the version of its format")
          .at(name)
          .expected(expected)
          .help("add the line " + expected + ", if this is a recipe")
          .toException();
    }
    if (YamlMap.number(version.value(), RecipeFile.VERSION_KEY, expected) != RecipeFile.VERSION) {
      throw YamlMap.wrongType(version.value(), RecipeFile.VERSION_KEY, expected)
          .help("a newer version of Athanor may read this recipe")
          .toException();
    }
  }

  private RecipeFile read() {
    Optional<NestedMix> inner = map.node("base").map(RecipeReader::base);
    List<MixRequest> asked = mix(map);
    List<LoraRequest> loras =
        asked.isEmpty() && inner.map(base -> base.mix().isEmpty()).orElse(true)
                || map.node("loras").isPresent()
            ? loras()
            : List.of();
    refuseWhatDoesNotBelong(inner.isPresent());
    Method method = inner.isPresent() ? method(MixMethods.LIST) : method(LoraMethods.LIST);
    requireSum(inner, method);
    Optional<InputRequest> base = inner.map(NestedMix::base);
    List<MixRequest> mix =
        inner.map(mixed -> mixed.with(asked, map.place("mix")).mix()).orElse(asked);
    var request =
        new MergeRequest(
            base,
            mix,
            loras,
            map.node("vae").map(node -> RecipeInputs.input(node, "vae")),
            map.truth("fix_positions"),
            OptionsForm.read(map, !map.truth("no_metadata")),
            method,
            false);
    return new RecipeFile(
        request,
        map.text("out", "a file name").map(out -> RecipeInputs.fileName(out, map.place("out"))),
        map.node("push").map(RecipeReader::push));
  }

  /** A file or a link, or a base and a mix, which may go on. */
  private static NestedMix base(YamlNode node) {
    if (!(node instanceof YamlNode.Fields fields) || !fields.values().containsKey("base")) {
      return new NestedMix(RecipeInputs.input(node, "base"), List.of());
    }
    var map = new YamlMap(fields, "a base that is a mix", List.of("base", "mix"));
    NestedMix inner =
        map.node("base")
            .map(RecipeReader::base)
            .orElseThrow(() ->
                Problem.usage("a mix needs a base")
                    .at(map.place("base"))
                    .expected("base: FILE")
                    .toException());
    return inner.with(mix(map), map.place("mix"));
  }

  private void requireSum(Optional<NestedMix> inner, Method method) {
    boolean nested = inner.filter(base -> !base.mix().isEmpty()).isPresent();
    if (nested && !method.equals(MixMethods.LIST.standard())) {
      throw Problem.usage("a base that is a mix goes with sums only")
          .at(map.place(MethodForm.METHOD))
          .found("method " + method.description().name())
          .help("merge the inner mix first, and give the result as base")
          .toException();
    }
  }

  private static List<MixRequest> mix(YamlMap map) {
    List<MixRequest> mix = new ArrayList<>();
    map.node("mix")
        .ifPresent(node -> {
          if (!(node instanceof YamlNode.Items list)) {
            throw YamlMap.wrongType(
                    node, "mix", "a list of checkpoints, such as - other.safetensors@0.4")
                .toException();
          }
          list.values().forEach(item -> mix.add(RecipeInputs.mixed(item)));
        });
    return mix;
  }

  private List<LoraRequest> loras() {
    String expected = "a list of LoRAs, such as - pixel.safetensors@0.6";
    YamlNode node =
        map.node("loras")
            .orElseThrow(() ->
                Problem.usage("the recipe names no LoRA")
                    .at(map.place("loras"))
                    .expected("loras: " + expected)
                    .toException());
    if (!(node instanceof YamlNode.Items list) || list.values().isEmpty()) {
      throw YamlMap.wrongType(node, "loras", expected).toException();
    }
    List<LoraRequest> loras = new ArrayList<>();
    list.values().forEach(item -> loras.add(RecipeInputs.lora(item)));
    return loras;
  }

  /** What only a checkpoint has, without one; what only makes a LoRA, with a checkpoint. */
  private void refuseWhatDoesNotBelong(boolean hasBase) {
    List<String> others =
        hasBase ? onlyForLoras() : List.of("mix", "vae", "fix_positions", "prune_ema", "ema_too");
    for (String key : others) {
      if (map.node(key).isPresent()) {
        throw Problem.usage(
                key
                    + (hasBase
                        ? " is for recipes without a base, whose result is a LoRA"
                        : " changes a checkpoint, and the recipe has no base"))
            .at(map.place(key))
            .help(hasBase ? "leave out " + key + ", or base" : "leave out " + key + ", or add base")
            .toException();
      }
    }
  }

  /** The parameters that a base makes meaningless, and the method if it is one of those methods. */
  private List<String> onlyForLoras() {
    List<String> keys = new ArrayList<>();
    boolean asksForLora =
        map.text(MethodForm.METHOD, MixMethods.LIST.names())
            .filter(name -> MixMethods.LIST.named(name).isEmpty())
            .flatMap(LoraMethods.LIST::named)
            .isPresent();
    if (asksForLora) {
      keys.add(MethodForm.METHOD);
    }
    LoraMethods.LIST.parameters().stream()
        .filter(parameter -> !MixMethods.LIST.parameters().contains(parameter))
        .forEach(parameter -> keys.add(parameter.key()));
    return keys;
  }

  private <M extends Method> Method method(MethodList<M> methods) {
    var method = map.word(MethodForm.METHOD, methods.names(), methods::named);
    Settings settings = MethodForm.settings(map, methods);
    try {
      return methods.of(method, settings);
    } catch (AthanorException e) {
      throw e.problem().at(map.place(MethodForm.METHOD)).toException();
    }
  }

  private static PushRequest push(YamlNode node) {
    if (!(node instanceof YamlNode.Fields fields)) {
      throw YamlMap.wrongType(node, "push", "keys, the first repo: USER/NAME").toException();
    }
    var push = new YamlMap(fields, "push", List.of("repo", "visibility", "create_pr"));
    String repo =
        push.text("repo", "USER/NAME")
            .orElseThrow(() ->
                Problem.usage("push does not say where to")
                    .at(fields.place().toString())
                    .expected("repo: USER/NAME")
                    .toException());
    return new PushRequest(
        repo(repo, push.place("repo")),
        push.word("visibility", "private or public", RecipeReader::visibility)
            .orElse(Visibility.AS_IS),
        push.truth("create_pr"));
  }

  private static RepoId repo(String text, String place) {
    try {
      return RepoId.parse(text);
    } catch (AthanorException e) {
      throw e.problem().at(place).found("'" + text + "'").expected("USER/REPO").toException();
    }
  }

  private static Optional<Visibility> visibility(String name) {
    return switch (name) {
      case "private" -> Optional.of(Visibility.PRIVATE);
      case "public" -> Optional.of(Visibility.PUBLIC);
      default -> Optional.empty();
    };
  }
}
