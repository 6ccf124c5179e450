package athanor.model;

import athanor.model.LoraModules.Module;
import athanor.model.LoraModules.TextModule;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What the UNet modules of a LoRA tell about its base. */
final class UnetLoraEvidence {
  private static final Map<Long, Architecture> BY_CONTEXT =
      Map.of(
          768L, Architecture.SD1,
          1024L, Architecture.SD2,
          2048L, Architecture.SDXL,
          1280L, Architecture.SDXL_REFINER);

  private UnetLoraEvidence() {}

  /** The keys and values of cross-attention take the text embedding as their input. */
  static Optional<LoraArchitecture> byContext(List<Module> modules) {
    var widths = new TreeSet<Long>();
    for (Module module : modules) {
      boolean takesText = module.name().endsWith("to_k") || module.name().endsWith("to_v");
      if (takesText && module.name().contains("_attn2_") && module.in() > 0 && isUnet(module)) {
        widths.add(module.in());
      }
    }
    List<Architecture> found =
        widths.stream().map(BY_CONTEXT::get).filter(Objects::nonNull).toList();
    if (found.size() == 1 && widths.size() == 1) {
      return Optional.of(
          new LoraArchitecture.Certain(
              found.getFirst(), "attn2.to_k has " + widths.first() + " inputs"));
    }
    if (widths.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new LoraArchitecture.Undetermined(
            "attn2.to_k has "
                + widths.stream().map(String::valueOf).collect(Collectors.joining(" and "))
                + " inputs, as in no known architecture"));
  }

  private static boolean isUnet(Module module) {
    String name = module.name();
    return name.startsWith("down_blocks_")
        || name.startsWith("mid_block_")
        || name.startsWith("up_blocks_")
        || name.startsWith("input_blocks_")
        || name.startsWith("middle_block_")
        || name.startsWith("output_blocks_");
  }

  /** Which blocks have attention, and how deep it is, tells where cross-attention is untrained. */
  static Optional<LoraArchitecture> byBlocks(LoraModules modules) {
    boolean unet = modules.denoiser().stream().anyMatch(UnetLoraEvidence::isUnet);
    if (!unet) {
      return Optional.empty();
    }
    if (modules.texts().stream().anyMatch(text -> text.encoder().equals("lora_te2_"))) {
      return certain(Architecture.SDXL, "it has a UNet part and a second text encoder");
    }
    return firstWith(modules, "_transformer_blocks_9_")
        .map(name -> sdxl("it has ten transformer blocks in one attention: " + name))
        .or(() -> firstStarting(modules, "up_blocks_0_attentions_").map(UnetLoraEvidence::atTop))
        .or(() -> firstStarting(modules, "output_blocks_0_1_tr").map(UnetLoraEvidence::atTop))
        .or(() -> fourLevels(modules))
        .or(() -> twoDeepAttentions(modules));
  }

  private static LoraArchitecture atTop(String name) {
    return sdxl("it has attention at the lowest resolution: " + name);
  }

  private static LoraArchitecture sdxl(String evidence) {
    return new LoraArchitecture.Certain(Architecture.SDXL, evidence);
  }

  private static Optional<LoraArchitecture> certain(Architecture architecture, String evidence) {
    return Optional.of(new LoraArchitecture.Certain(architecture, evidence));
  }

  /** Attention at full resolution, or a fourth level: SD 1.x or SD 2.x, which share the wiring. */
  private static Optional<LoraArchitecture> fourLevels(LoraModules modules) {
    Optional<String> name =
        firstMatching(
            modules,
            module ->
                module.startsWith("down_blocks_0_attentions_")
                    || module.startsWith("up_blocks_3_")
                    || module.startsWith("input_blocks_1_1_")
                    || module.startsWith("output_blocks_11_1_"));
    if (name.isEmpty()) {
      return Optional.empty();
    }
    String evidence = "it has attention at full resolution: " + name.get();
    return switch (TextModule.widest(modules.texts())) {
      case 768 -> certain(Architecture.SD1, evidence + ", and a text encoder of width 768");
      case 1024 -> certain(Architecture.SD2, evidence + ", and a text encoder of width 1024");
      default ->
          Optional.of(
              new LoraArchitecture.OneOf(List.of(Architecture.SD1, Architecture.SD2), evidence));
    };
  }

  /** Several transformer blocks per attention: SDXL, or its refiner, which is wider. */
  private static Optional<LoraArchitecture> twoDeepAttentions(LoraModules modules) {
    Optional<String> name = firstWith(modules, "_transformer_blocks_1_");
    if (name.isEmpty()) {
      return Optional.empty();
    }
    boolean wide =
        modules.denoiser().stream().anyMatch(module -> module.in() == 1536 || module.out() == 1536);
    return certain(
        wide ? Architecture.SDXL_REFINER : Architecture.SDXL,
        "it has several transformer blocks in one attention: " + name.get());
  }

  private static Optional<String> firstWith(LoraModules modules, String part) {
    return firstMatching(modules, module -> module.contains(part));
  }

  private static Optional<String> firstStarting(LoraModules modules, String start) {
    return firstMatching(modules, module -> module.startsWith(start));
  }

  private static Optional<String> firstMatching(LoraModules modules, Predicate<String> test) {
    return modules.denoiser().stream()
        .filter(UnetLoraEvidence::isUnet)
        .filter(module -> test.test(module.name()))
        .map(Module::written)
        .findFirst();
  }
}
