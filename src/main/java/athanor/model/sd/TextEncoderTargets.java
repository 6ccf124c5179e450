package athanor.model.sd;

import athanor.model.Target;
import athanor.model.block.Block;
import athanor.model.naming.ComponentNames;
import athanor.model.naming.Dialect;
import athanor.model.naming.ModuleNames;
import athanor.model.naming.ModuleScope;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the targets of a text encoder from the keys of a checkpoint, with all their names. LoRAs
 * use the Hugging Face names, whichever layout the checkpoint has.
 */
final class TextEncoderTargets {
  private static final Block BASE = UnetPlan.BLOCKS.block("BASE");
  private static final String LAYERS = "transformer.resblocks.";
  private static final String PROJECTION = "text_projection";
  private static final Map<String, String> OPEN_CLIP_ENDS =
      Map.of(
          "token_embedding.weight", "embeddings.token_embedding",
          "positional_embedding", "embeddings.position_embedding",
          "ln_final.weight", "final_layer_norm");
  private static final Map<String, String> OPEN_CLIP_LAYER =
      Map.of(
          "ln_1.weight", "layer_norm1",
          "ln_2.weight", "layer_norm2",
          "mlp.c_fc.weight", "mlp.fc1",
          "mlp.c_proj.weight", "mlp.fc2",
          "attn.out_proj.weight", "self_attn.out_proj");
  private static final String FUSED = "attn.in_proj_weight";
  private static final List<String> FUSED_PARTS =
      List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj");
  private static final Map<String, String> OLD_PROJECTIONS =
      Map.of("q_proj", "to_q", "k_proj", "to_k", "v_proj", "to_v", "out_proj", "to_out");

  private final UnetCheckpoint model;
  private final TextEncoder encoder;
  private final ComponentNames naming;
  private final ModuleScope scope;

  private TextEncoderTargets(UnetCheckpoint model, TextEncoder encoder) {
    this.model = model;
    this.encoder = encoder;
    this.naming = encoder.names();
    this.scope = new ModuleScope(naming.flat(), naming.dotted());
  }

  static ModuleScope of(UnetCheckpoint model, TextEncoder encoder) {
    var targets = new TextEncoderTargets(model, encoder);
    for (TensorInfo tensor : model.tensors()) {
      if (tensor.key().startsWith(encoder.root())) {
        switch (encoder.layout()) {
          case HUGGING_FACE -> targets.addHuggingFace(tensor);
          case OPEN_CLIP -> targets.addOpenClip(tensor);
        }
      }
    }
    return targets.scope;
  }

  private void addHuggingFace(TensorInfo tensor) {
    String key = tensor.key();
    if (!key.endsWith(".weight")) {
      return;
    }
    String module = key.substring(0, key.length() - ".weight".length());
    if (module.equals(encoder.root() + "transformer." + PROJECTION)) {
      addWhole(tensor, PROJECTION, false);
    } else if (module.startsWith(encoder.body())) {
      addWhole(tensor, module.substring(encoder.body().length()), false);
    }
  }

  private void addOpenClip(TensorInfo tensor) {
    if (!tensor.key().startsWith(encoder.body())) {
      return;
    }
    String name = tensor.key().substring(encoder.body().length());
    if (name.equals(PROJECTION) && tensor.shape().rank() == 2) {
      addWhole(tensor, PROJECTION, true);
    } else if (OPEN_CLIP_ENDS.containsKey(name)) {
      addWhole(tensor, OPEN_CLIP_ENDS.get(name), false);
    } else if (name.startsWith(LAYERS)) {
      String inLayer = name.substring(name.indexOf('.', LAYERS.length()) + 1);
      String layer =
          "encoder.layers." + name.substring(LAYERS.length(), name.length() - inLayer.length());
      if (inLayer.equals(FUSED) && tensor.shape().rank() == 2) {
        addFused(tensor, layer);
      } else if (OPEN_CLIP_LAYER.containsKey(inLayer)) {
        addWhole(tensor, layer + OPEN_CLIP_LAYER.get(inLayer), false);
      }
    }
  }

  private void addWhole(TensorInfo tensor, String module, boolean transposed) {
    String key = tensor.key();
    String ownName = withoutEnd(key, ".weight");
    Optional<Rows> bias = model.find(ownName + ".bias").map(t -> Rows.whole(t));
    Shape shape = tensor.shape();
    var region = Rows.whole(tensor);
    Target target = target(region, shape, transposed, bias, module);
    name(target, module);
    scope.addExact(ownName, target);
  }

  /** Adds query, key and value as thirds of the fused tensor, and the whole under its own name. */
  private void addFused(TensorInfo tensor, String layer) {
    String key = tensor.key();
    long rows = tensor.shape().rows();
    Optional<TensorInfo> bias =
        model.find(withoutEnd(key, "weight") + "bias").filter(t -> t.shape().rows() == rows);
    long third = rows / 3;
    for (int part = 0; part < 3; part++) {
      String module = layer + FUSED_PARTS.get(part);
      long first = part * third;
      long[] dims = tensor.shape().dims();
      dims[0] = third;
      Optional<Rows> biasPart = bias.map(t -> Rows.of(t.key(), first, third, rows));
      var region = Rows.of(key, first, third, rows);
      name(target(region, Shape.of(dims), false, biasPart, module), module);
    }
    String ownName = withoutEnd(key, "_weight");
    var whole =
        new Target(
            Rows.whole(key, rows),
            tensor.shape(),
            false,
            bias.map(t -> Rows.whole(t.key(), rows)),
            encoder.component(),
            BASE,
            ModuleNames.NONE
                .and(Dialect.KOHYA, Optional.empty(), ownName)
                .and(Dialect.DIFFUSERS, Optional.empty(), ownName));
    scope.addExact(ownName, whole);
    scope.addExact(key, whole);
  }

  private Target target(
      Rows region, Shape shape, boolean transposed, Optional<Rows> bias, String module) {
    String full = module.equals(PROJECTION) ? module : "text_model." + module;
    return new Target(
        region,
        shape,
        transposed,
        bias,
        encoder.component(),
        BASE,
        ModuleNames.NONE
            .and(Dialect.KOHYA, naming.kohya() + ModuleScope.flatten(full))
            .and(Dialect.DIFFUSERS, naming.diffusers() + full)
            .and(Dialect.COMFY, naming.comfy().map(prefix -> prefix + full))
            .and(
                Dialect.ONETRAINER,
                naming.oneTrainer().map(prefix -> prefix + ModuleScope.flatten(full))));
  }

  private void name(Target target, String module) {
    for (String spelling : spellings(module)) {
      scope.add(spelling, target);
      int dot = spelling.lastIndexOf('.');
      String old = OLD_PROJECTIONS.get(spelling.substring(dot + 1));
      if (old != null) {
        scope.addDotted(spelling.substring(0, dot + 1) + old, target);
      }
    }
  }

  private static List<String> spellings(String module) {
    var spellings = new ArrayList<String>();
    spellings.add(module);
    if (!module.equals(PROJECTION)) {
      spellings.add("text_model." + module);
    }
    return spellings;
  }

  private static String withoutEnd(String text, String end) {
    return text.endsWith(end) ? text.substring(0, text.length() - end.length()) : text;
  }
}
