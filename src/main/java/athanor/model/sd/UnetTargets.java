package athanor.model.sd;

import athanor.model.Component;
import athanor.model.Target;
import athanor.model.naming.ComponentNames;
import athanor.model.naming.Dialect;
import athanor.model.naming.ModuleNames;
import athanor.model.naming.ModuleScope;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Optional;

/** Makes the targets of a UNet from the keys of a checkpoint, with all their names. */
final class UnetTargets {
  private static final ComponentNames NAMING = ComponentNames.of("unet");
  private static final String WEIGHT = ".weight";
  private static final String FIRST_CONVOLUTION = "input_blocks.0.0";

  private final UnetCheckpoint model;
  private final UnetNames names;
  private final ModuleScope scope;

  private UnetTargets(UnetCheckpoint model) {
    this.model = model;
    var components = new ArrayList<>(NAMING.dotted());
    components.add(model.denoiserPrefix());
    this.scope = new ModuleScope(NAMING.flat(), components);
    this.names =
        new UnetNames(
            model.plan().blocksPerLevel(),
            module -> model.find(model.denoiserPrefix() + module + WEIGHT).isPresent());
  }

  static ModuleScope of(UnetCheckpoint model) {
    var targets = new UnetTargets(model);
    String prefix = model.denoiserPrefix();
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
    var plain =
        new Target(
            Rows.whole(weight),
            shape,
            false,
            bias(module),
            Component.UNET,
            model.plan().blockOf(module, model.plan().outBlock()),
            ModuleNames.NONE
                .and(
                    Dialect.KOHYA,
                    NAMING.kohya() + (model.plan().kohyaKeepsNames() ? flatModule : flatDiffusers))
                .and(
                    Dialect.DIFFUSERS,
                    translated.map(name -> NAMING.diffusers() + name),
                    NAMING.diffusers() + module)
                .and(Dialect.COMFY, NAMING.comfy().map(prefix -> prefix + module))
                .and(
                    Dialect.ONETRAINER,
                    translated.flatMap(
                        name -> NAMING.oneTrainer().map(prefix -> prefix + flatDiffusers))));
    boolean more = module.equals(FIRST_CONVOLUTION) && shape.rank() == 4 && shape.dim(1) > 4;
    Target target = more ? plain.withPlainInputs(4) : plain;
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

  private Optional<Rows> bias(String module) {
    return model.find(model.denoiserPrefix() + module + ".bias").map(t -> Rows.whole(t));
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
}
