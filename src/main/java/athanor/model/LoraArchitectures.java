package athanor.model;

import athanor.model.LoraMetadata.Statement;
import athanor.model.LoraModules.TextModule;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells which base a LoRA was made for. Names and sizes decide; metadata only where they leave a
 * choice, because it survives conversions that make it wrong.
 */
public final class LoraArchitectures {
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
        TransformerLoraRule.find(sorted.denoiser())
            .or(() -> UnetLoraEvidence.byContext(sorted.denoiser()))
            .or(() -> UnetLoraEvidence.byBlocks(sorted))
            .orElseGet(() -> byTextEncoders(sorted.texts()));
    return switch (fromTensors) {
      case LoraArchitecture.Certain certain -> chromaIfNamed(certain, metadata);
      case LoraArchitecture.OneOf open -> decide(open, metadata);
      case LoraArchitecture.Undetermined _ ->
          LoraMetadata.read(metadata)
              .<LoraArchitecture>map(
                  said -> new LoraArchitecture.Certain(said.architecture(), said.evidence()))
              .orElse(fromTensors);
    };
  }

  /** Chroma keeps FLUX.1's module names; only metadata tells a LoRA of one from the other. */
  private static LoraArchitecture chromaIfNamed(
      LoraArchitecture.Certain certain, Map<String, String> metadata) {
    Optional<Statement> said = LoraMetadata.read(metadata);
    return certain.architecture() == Architecture.FLUX_1
            && said.isPresent()
            && said.get().architecture() == Architecture.CHROMA
        ? new LoraArchitecture.Certain(Architecture.CHROMA, said.get().evidence())
        : certain;
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
  private static LoraArchitecture byTextEncoders(List<TextModule> texts) {
    if (texts.isEmpty()) {
      return new LoraArchitecture.Undetermined("none of its module names is known");
    }
    if (texts.stream().anyMatch(TextModule::isT5)) {
      return new LoraArchitecture.OneOf(
          List.of(Architecture.FLUX_1, Architecture.SD3), "it has a T5 text encoder part only");
    }
    int width = TextModule.widest(texts);
    String evidence = "it has a text encoder part only, of width " + width;
    boolean second = texts.stream().anyMatch(text -> text.encoder().equals("lora_te2_"));
    boolean first = texts.stream().anyMatch(text -> text.encoder().equals("lora_te1_"));
    boolean only = texts.stream().anyMatch(text -> text.encoder().equals("lora_te_"));
    if (second) {
      return new LoraArchitecture.OneOf(
          List.of(Architecture.SDXL, Architecture.SD3), evidence + ", with a second encoder");
    }
    return switch (width) {
      case 1024 -> new LoraArchitecture.Certain(Architecture.SD2, evidence);
      case 1280 ->
          new LoraArchitecture.OneOf(
              List.of(Architecture.SDXL_REFINER, Architecture.STABLE_CASCADE), evidence);
      case 768 -> {
        if (only) {
          yield new LoraArchitecture.Certain(Architecture.SD1, evidence + ", named lora_te_");
        }
        yield new LoraArchitecture.OneOf(
            first
                ? List.of(Architecture.SDXL, Architecture.SD3, Architecture.FLUX_1)
                : List.of(
                    Architecture.SD1, Architecture.SDXL, Architecture.SD3, Architecture.FLUX_1),
            evidence);
      }
      default -> new LoraArchitecture.Undetermined(evidence);
    };
  }
}
