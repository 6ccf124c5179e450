package athanor.model.sd;

import athanor.model.Architecture;
import athanor.model.LoraArchitecture;
import athanor.model.LoraModules;
import athanor.model.LoraModules.Module;
import athanor.model.LoraModules.TextModule;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What the UNet modules of a LoRA tell about its base. */
final class UnetLoraEvidence {
  private static final String SD1 = "sd1";
  private static final String SD2 = "sd2";
  private static final String SDXL = "sdxl";
  private static final String REFINER = "sdxl-refiner";

  private static final Map<Long, String> BY_CONTEXT =
      Map.of(768L, SD1, 1024L, SD2, 2048L, SDXL, 1280L, REFINER);

  private final Function<String, ? extends Architecture> known;

  /**
   * Evidence for the architectures that a function finds by their ids.
   *
   * @param known throws when there is none of this id
   */
  UnetLoraEvidence(Function<String, ? extends Architecture> known) {
    this.known = known;
  }

  /** What the modules tell; empty if none is of a UNet. */
  Optional<LoraArchitecture> of(LoraModules modules) {
    return byContext(modules.denoiser()).or(() -> byBlocks(modules));
  }

  /** The keys and values of cross-attention take the text embedding as their input. */
  private Optional<LoraArchitecture> byContext(List<Module> modules) {
    var widths = new TreeSet<Long>();
    for (Module module : modules) {
      boolean takesText = module.name().endsWith("to_k") || module.name().endsWith("to_v");
      if (takesText && module.name().contains("_attn2_") && module.in() > 0 && isUnet(module)) {
        widths.add(module.in());
      }
    }
    List<String> found = widths.stream().map(BY_CONTEXT::get).filter(Objects::nonNull).toList();
    if (found.size() == 1 && widths.size() == 1) {
      return Optional.of(
          new LoraArchitecture.Certain(
              known.apply(found.getFirst()), "attn2.to_k has " + widths.first() + " inputs"));
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
    if (module.written().startsWith("lora_prior_unet_")) {
      return false;
    }
    return name.startsWith("down_blocks_")
        || name.startsWith("mid_block_")
        || name.startsWith("up_blocks_")
        || name.startsWith("input_blocks_")
        || name.startsWith("middle_block_")
        || name.startsWith("output_blocks_");
  }

  /** Which blocks have attention, and how deep it is, tells where cross-attention is untrained. */
  private Optional<LoraArchitecture> byBlocks(LoraModules modules) {
    boolean unet = modules.denoiser().stream().anyMatch(UnetLoraEvidence::isUnet);
    if (!unet) {
      return Optional.empty();
    }
    if (modules.hasEncoder("lora_te2_")) {
      return certain(SDXL, "it has a UNet part and a second text encoder");
    }
    return firstWith(modules, "_transformer_blocks_9_")
        .map(name -> sdxl("it has ten transformer blocks in one attention: " + name))
        .or(() -> firstStarting(modules, "up_blocks_0_attentions_").map(this::atTop))
        .or(() -> firstStarting(modules, "output_blocks_0_1_tr").map(this::atTop))
        .or(() -> fourLevels(modules))
        .or(() -> twoDeepAttentions(modules));
  }

  private LoraArchitecture atTop(String name) {
    return sdxl("it has attention at the lowest resolution: " + name);
  }

  private LoraArchitecture sdxl(String evidence) {
    return new LoraArchitecture.Certain(known.apply(SDXL), evidence);
  }

  private Optional<LoraArchitecture> certain(String id, String evidence) {
    return Optional.of(new LoraArchitecture.Certain(known.apply(id), evidence));
  }

  /** Attention at full resolution, or a fourth level: SD 1.x or SD 2.x, which share the wiring. */
  private Optional<LoraArchitecture> fourLevels(LoraModules modules) {
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
      case 768 -> certain(SD1, evidence + ", and a text encoder of width 768");
      case 1024 -> certain(SD2, evidence + ", and a text encoder of width 1024");
      default ->
          Optional.of(
              new LoraArchitecture.OneOf(List.of(known.apply(SD1), known.apply(SD2)), evidence));
    };
  }

  /** Several transformer blocks per attention: SDXL, or its refiner, which is wider. */
  private Optional<LoraArchitecture> twoDeepAttentions(LoraModules modules) {
    Optional<String> name = firstWith(modules, "_transformer_blocks_1_");
    if (name.isEmpty()) {
      return Optional.empty();
    }
    boolean wide =
        modules.denoiser().stream().anyMatch(module -> module.in() == 1536 || module.out() == 1536);
    return certain(
        wide ? REFINER : SDXL, "it has several transformer blocks in one attention: " + name.get());
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
