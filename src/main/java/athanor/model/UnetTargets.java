package athanor.model;

import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes the targets of a UNet from the keys of a checkpoint, with all their names. */
final class UnetTargets {
  private static final List<String> FLAT_PREFIXES =
      List.of("lora_unet_", "lora_unet__", "oft_unet_", "oft_unet__", "lycoris_");
  private static final List<String> COMPONENTS =
      List.of("unet.", "diffusion_model.", "model.diffusion_model.", "");
  private static final String WEIGHT = ".weight";

  private final CheckpointModel model;
  private final UnetNames names;
  private final ModuleScope scope;

  private UnetTargets(CheckpointModel model) {
    this.model = model;
    var components = new ArrayList<>(COMPONENTS);
    components.add(model.unetPrefix());
    this.scope = new ModuleScope(FLAT_PREFIXES, components);
    this.names =
        new UnetNames(
            model.plan().blocksPerLevel(),
            module -> model.find(model.unetPrefix() + module + WEIGHT).isPresent());
  }

  static ModuleScope of(CheckpointModel model) {
    var targets = new UnetTargets(model);
    String prefix = model.unetPrefix();
    for (TensorInfo tensor : model.tensors()) {
      String key = tensor.key();
      if (key.endsWith(WEIGHT) && UnetFinder.isUnetKey(key, prefix)) {
        targets.add(tensor, key.substring(prefix.length(), key.length() - WEIGHT.length()));
      }
    }
    return targets.scope;
  }

  private void add(TensorInfo weight, String module) {
    Optional<String> translated = names.diffusers(module).map(this::conditioning);
    String diffusers = translated.orElse(module);
    String flatModule = ModuleScope.flatten(module);
    String flatDiffusers = ModuleScope.flatten(diffusers);
    Shape shape = weight.shape();
    var target =
        new Target(
            Rows.whole(weight),
            shape,
            false,
            bias(module),
            Component.UNET,
            block(module),
            "lora_unet_" + (kohyaKeepsNames() ? flatModule : flatDiffusers),
            "unet." + diffusers);
    scope.add(module, flatModule, target);
    if (translated.isPresent()) {
      scope.add(diffusers, flatDiffusers, target);
      addProcessorNames(diffusers, target);
    }
    if (module.startsWith("label_emb.0.")) {
      String end = diffusers.substring(diffusers.indexOf('.'));
      scope.add("add_embedding" + end, target);
      scope.add("class_embedding" + end, target);
    }
  }

  /** What diffusers calls the pooled conditioning depends on whether it is SDXL's or unCLIP's. */
  private String conditioning(String diffusers) {
    return model.plan().adm() == 0
        ? diffusers.replace("add_embedding.", "class_embedding.")
        : diffusers;
  }

  private boolean kohyaKeepsNames() {
    return switch (model.architecture().family()) {
      case SDXL, REFINER -> true;
      case SD1, SD2, TRANSFORMER -> false;
    };
  }

  private Optional<Rows> bias(String module) {
    return model.find(model.unetPrefix() + module + ".bias").map(t -> Rows.whole(t));
  }

  /**
   * Adds the spellings of the attention processors of early diffusers: {@code
   * attn1.processor.to_q}, {@code attn1.processor.to_out} for what is now {@code attn1.to_out.0},
   * and the same without {@code processor}.
   */
  private void addProcessorNames(String diffusers, Target target) {
    int at = diffusers.lastIndexOf(".to_");
    if (at < 0) {
      return;
    }
    String attention = diffusers.substring(0, at);
    String projection = diffusers.substring(at + 1);
    if (projection.equals("to_out.0")) {
      projection = "to_out";
      scope.addDotted(attention + "." + projection, target);
    }
    scope.addDotted(attention + ".processor." + projection, target);
  }

  private Block block(String module) {
    int dot = module.indexOf('.');
    String head = dot < 0 ? module : module.substring(0, dot);
    int number = dot < 0 ? -1 : UnetNames.leadingNumber(module.substring(dot + 1));
    boolean numbered = number >= 0 && number < 12;
    return switch (head) {
      case "input_blocks" -> numbered ? Block.input(number) : Block.BASE;
      case "middle_block" -> Block.MID;
      case "output_blocks" -> numbered ? Block.output(number) : Block.BASE;
      case "time_embed", "label_emb" -> Block.IN00;
      case "out" ->
          model.architecture().family() == Architecture.Family.SDXL ? Block.OUT09 : Block.OUT11;
      default -> Block.BASE;
    };
  }
}
