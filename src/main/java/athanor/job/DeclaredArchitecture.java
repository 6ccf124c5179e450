package athanor.job;

import athanor.hub.Declared;
import athanor.model.Architecture;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The architecture that a listing declares: Civitai's names of base models, and the repositories
 * that Hugging Face cards name as base. The first entry that fits counts.
 */
final class DeclaredArchitecture {
  private static final List<Named> NAMES =
      List.of(
          new Named("sdxl-refiner", Architecture.SDXL_REFINER),
          new Named("stable-diffusion-xl-refiner", Architecture.SDXL_REFINER),
          new Named("stable-diffusion-xl", Architecture.SDXL),
          new Named("sdxl", Architecture.SDXL),
          new Named("pony v7", Architecture.AURA_FLOW),
          new Named("pony", Architecture.SDXL),
          new Named("illustrious", Architecture.SDXL),
          new Named("noobai", Architecture.SDXL),
          new Named("stable-diffusion-3", Architecture.SD3),
          new Named("sd 3", Architecture.SD3),
          new Named("stable-diffusion-2", Architecture.SD2),
          new Named("sd 2.", Architecture.SD2),
          new Named("stable-diffusion-v1", Architecture.SD1),
          new Named("sd 1.", Architecture.SD1),
          new Named("flux.2", Architecture.FLUX_2),
          new Named("flux.1", Architecture.FLUX_1),
          new Named("chroma", Architecture.CHROMA),
          new Named("auraflow", Architecture.AURA_FLOW),
          new Named("pixart", Architecture.PIXART),
          new Named("hunyuan video", Architecture.HUNYUAN_VIDEO),
          new Named("hunyuan", Architecture.HUNYUAN_DIT),
          new Named("lumina", Architecture.LUMINA_2),
          new Named("wan video", Architecture.WAN),
          new Named("ltxv", Architecture.LTX_VIDEO),
          new Named("mochi", Architecture.MOCHI),
          new Named("hidream", Architecture.HIDREAM),
          new Named("qwen", Architecture.QWEN_IMAGE),
          new Named("zimage", Architecture.Z_IMAGE),
          new Named("stable cascade", Architecture.STABLE_CASCADE),
          new Named("svd", Architecture.STABLE_VIDEO));

  private DeclaredArchitecture() {}

  private record Named(String part, Architecture architecture) {}

  static Optional<Architecture> of(Declared declared) {
    String base = declared.baseModel().orElse("").toLowerCase(Locale.ROOT);
    return NAMES.stream()
        .filter(named -> base.contains(named.part))
        .findFirst()
        .map(Named::architecture);
  }
}
