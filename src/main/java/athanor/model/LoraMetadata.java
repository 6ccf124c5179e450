package athanor.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The base that a LoRA's metadata names. Compared by prefix: trainers add versions and variants.
 */
final class LoraMetadata {
  private static final String BASE_VERSION = "ss_base_model_version";
  private static final String MODELSPEC = "modelspec.architecture";
  private static final String SECOND_VERSION = "ss_v2";

  private static final List<Named> BASE_VERSIONS =
      List.of(
          new Named("sd_v1", Architecture.SD1),
          new Named("sd_v2", Architecture.SD2),
          new Named("sdxl_refiner", Architecture.SDXL_REFINER),
          new Named("sdxl_", Architecture.SDXL),
          new Named("sd3", Architecture.SD3),
          new Named("flux1", Architecture.FLUX_1),
          new Named("flux2", Architecture.FLUX_2),
          new Named("chroma", Architecture.CHROMA),
          new Named("lumina2", Architecture.LUMINA_2),
          new Named("hunyuan-image", Architecture.HUNYUAN_IMAGE),
          new Named("anima", Architecture.ANIMA));
  private static final List<Named> MODELSPECS =
      List.of(
          new Named("stable-diffusion-v1", Architecture.SD1),
          new Named("stable-diffusion-v2", Architecture.SD2),
          new Named("stable-diffusion-xl-v1-refiner", Architecture.SDXL_REFINER),
          new Named("stable-diffusion-xl-", Architecture.SDXL),
          new Named("stable-diffusion-3", Architecture.SD3),
          new Named("flux-1", Architecture.FLUX_1),
          new Named("flux-2", Architecture.FLUX_2),
          new Named("chroma", Architecture.CHROMA),
          new Named("lumina-2", Architecture.LUMINA_2),
          new Named("hunyuan-image", Architecture.HUNYUAN_IMAGE),
          new Named("anima", Architecture.ANIMA));

  private LoraMetadata() {}

  /**
   * What the metadata says.
   *
   * @param architecture the base
   * @param evidence the entry that says it
   */
  record Statement(Architecture architecture, String evidence) {}

  static Optional<Statement> read(Map<String, String> metadata) {
    return named(metadata, BASE_VERSION, BASE_VERSIONS)
        .or(() -> named(metadata, MODELSPEC, MODELSPECS))
        .or(() -> secondVersion(metadata));
  }

  private static Optional<Statement> named(
      Map<String, String> metadata, String entry, List<Named> names) {
    String value = metadata.getOrDefault(entry, "");
    return names.stream()
        .filter(named -> value.startsWith(named.prefix))
        .findFirst()
        .map(named -> new Statement(named.architecture, "metadata " + entry + " is " + value));
  }

  private static Optional<Statement> secondVersion(Map<String, String> metadata) {
    String value = metadata.getOrDefault(SECOND_VERSION, "");
    String evidence = "metadata " + SECOND_VERSION + " is " + value;
    return switch (value) {
      case "True" -> Optional.of(new Statement(Architecture.SD2, evidence));
      case "False" -> Optional.of(new Statement(Architecture.SD1, evidence));
      default -> Optional.empty();
    };
  }

  private record Named(String prefix, Architecture architecture) {}
}
