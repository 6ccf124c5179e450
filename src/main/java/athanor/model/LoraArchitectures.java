package athanor.model;

import athanor.model.LoraModules.TextModule;
import athanor.model.table.Section;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Tells which base a LoRA was made for. Names and sizes decide; metadata only where they leave a
 * choice, because it survives conversions that make it wrong.
 */
public final class LoraArchitectures {
  private static final Map<String, List<String>> TEXT_ENCODERS =
      Section.read(LoraArchitectures.class, "text-encoder-loras.txt").stream()
          .collect(Collectors.toUnmodifiableMap(Section::name, section -> section.words("for")));

  private LoraArchitectures() {}

  /**
   * The base of a LoRA.
   *
   * @param modules all its modules, with the sizes of the weights that they change
   * @param metadata of its file; empty when there is none
   */
  public static LoraArchitecture detect(
      Collection<ModuleDims> modules, Map<String, String> metadata) {
    LoraModules sorted = LoraModules.of(modules);
    LoraArchitecture fromTensors =
        Architectures.families().stream()
            .flatMap(family -> family.madeFor(sorted).stream())
            .findFirst()
            .orElseGet(() -> byTextEncoders(sorted));
    return switch (fromTensors) {
      case LoraArchitecture.Certain certain -> namesakeIfNamed(certain, metadata);
      case LoraArchitecture.OneOf open -> decide(open, metadata);
      case LoraArchitecture.Undetermined _ ->
          LoraMetadata.read(metadata)
              .<LoraArchitecture>map(
                  said -> new LoraArchitecture.Certain(said.architecture(), said.evidence()))
              .orElse(fromTensors);
    };
  }

  /**
   * Where an architecture keeps the names of another, or has its modules, only metadata tells their
   * LoRAs apart.
   */
  private static LoraArchitecture namesakeIfNamed(
      LoraArchitecture.Certain certain, Map<String, String> metadata) {
    Architecture shown = certain.architecture();
    return LoraMetadata.read(metadata)
        .filter(said -> isNamesake(said.architecture(), shown))
        .map(said -> new LoraArchitecture.Certain(said.architecture(), said.evidence()))
        .orElse(certain);
  }

  private static boolean isNamesake(Architecture said, Architecture shown) {
    return said.facts().namesOf().filter(shown.id()::equals).isPresent()
        || (said.facts().table().isPresent() && said.sharesModulesWith(shown));
  }

  private static LoraArchitecture decide(
      LoraArchitecture.OneOf open, Map<String, String> metadata) {
    return LoraMetadata.read(metadata)
        .filter(said -> open.candidates().contains(said.architecture()))
        .<LoraArchitecture>map(said ->
            new LoraArchitecture.Certain(
                said.architecture(), open.evidence() + "; " + said.evidence()))
        .orElse(open);
  }

  /** Text encoders are shared between architectures: their number and width leave some. */
  private static LoraArchitecture byTextEncoders(LoraModules modules) {
    List<TextModule> texts = modules.texts();
    if (texts.isEmpty()) {
      return new LoraArchitecture.Undetermined("none of its module names is known");
    }
    if (texts.stream().anyMatch(TextModule::isT5)) {
      return oneOf("t5", "it has a T5 text encoder part only");
    }
    int width = TextModule.widest(texts);
    String evidence = "it has a text encoder part only, of width " + width;
    if (modules.hasEncoder("lora_te2_")) {
      return oneOf("second", evidence + ", with a second encoder");
    }
    if (modules.hasEncoder("lora_te_") && TEXT_ENCODERS.containsKey(width + " only")) {
      return oneOf(width + " only", evidence + ", named lora_te_");
    }
    if (modules.hasEncoder("lora_te1_") && TEXT_ENCODERS.containsKey(width + " first")) {
      return oneOf(width + " first", evidence);
    }
    return oneOf(Integer.toString(width), evidence);
  }

  private static LoraArchitecture oneOf(String encoders, String evidence) {
    List<Architecture> possible =
        TEXT_ENCODERS.getOrDefault(encoders, List.of()).stream()
            .map(id -> Architectures.byId(id).orElseThrow())
            .toList();
    return switch (possible.size()) {
      case 0 -> new LoraArchitecture.Undetermined(evidence);
      case 1 -> new LoraArchitecture.Certain(possible.getFirst(), evidence);
      default -> new LoraArchitecture.OneOf(possible, evidence);
    };
  }
}
