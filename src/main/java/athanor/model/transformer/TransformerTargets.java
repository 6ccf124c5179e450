package athanor.model.transformer;

import athanor.model.CheckpointModel;
import athanor.model.Component;
import athanor.model.Target;
import athanor.model.block.Block;
import athanor.model.naming.ComponentNames;
import athanor.model.naming.ModuleScope;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Makes the targets of a transformer and of the text encoders beside it, with all their names. */
final class TransformerTargets {
  private static final ComponentNames NAMING = ComponentNames.of("transformer");

  /** Before the flattened names of diffusers, which kohya's trainers do not write: OneTrainer. */
  private static final String FLAT_DIFFUSERS = "lora_transformer_";

  private final CheckpointModel model;
  private final String prefix;

  private TransformerTargets(CheckpointModel model, String prefix) {
    this.model = model;
    this.prefix = prefix;
  }

  /** The modules of the denoiser, under its own names and those of diffusers. */
  static ModuleScope denoiser(CheckpointModel model, TransformerTables tables) {
    var components = new ArrayList<>(NAMING.dotted());
    components.add(model.denoiserPrefix());
    var scope = new ModuleScope(NAMING.flat(), components);
    var targets = new TransformerTargets(model, model.denoiserPrefix());
    for (TensorInfo tensor : model.tensors()) {
      if (model.componentOf(tensor.key()) == Component.TRANSFORMER) {
        targets
            .moduleOf(tensor)
            .ifPresent(module -> targets.addDenoiser(tensor, module, tables, scope));
      }
    }
    return scope;
  }

  /** The modules of a text encoder, under the names of Hugging Face. */
  static ModuleScope encoder(CheckpointModel model, EncoderTable encoder) {
    ComponentNames naming = encoder.names();
    var scope = new ModuleScope(naming.flat(), naming.dotted());
    var targets = new TransformerTargets(model, encoder.prefix());
    for (TensorInfo tensor : model.tensors()) {
      if (model.componentOf(tensor.key()) == encoder.component()) {
        targets
            .moduleOf(tensor)
            .ifPresent(module -> targets.addEncoder(tensor, module, encoder, scope));
      }
    }
    return scope;
  }

  private Optional<String> moduleOf(TensorInfo tensor) {
    return TransformerNames.moduleOf(tensor.key()).map(key -> key.substring(prefix.length()));
  }

  private void addDenoiser(
      TensorInfo tensor, String module, TransformerTables tables, ModuleScope scope) {
    Block block = tables.blockOf(module);
    OptionalInt number = tables.blocks().number(module);
    String wholeName = module;
    for (PartName part : tables.partsOf(module)) {
      String name = numbered(part.diffusers(), number);
      if (part.rows().isEmpty()) {
        wholeName = name;
      } else {
        rows(tensor, part.rows())
            .ifPresent(rows ->
                scope.add(
                    name,
                    target(
                        tensor,
                        rows,
                        Component.TRANSFORMER,
                        block,
                        FLAT_DIFFUSERS + ModuleScope.flatten(name),
                        NAMING.diffusers() + name)));
      }
    }
    Target whole =
        target(
            tensor,
            Rows.whole(tensor),
            Component.TRANSFORMER,
            block,
            NAMING.kohya() + ModuleScope.flatten(module),
            NAMING.diffusers() + wholeName);
    scope.add(module, whole);
    if (!wholeName.equals(module)) {
      scope.add(wholeName, whole);
    }
  }

  private void addEncoder(
      TensorInfo tensor, String module, EncoderTable encoder, ModuleScope scope) {
    Target target =
        target(
            tensor,
            Rows.whole(tensor),
            encoder.component(),
            encoder.block(),
            encoder.names().kohya() + ModuleScope.flatten(module),
            encoder.names().diffusers() + module);
    scope.add(module, target);
    scope.addExact(prefix + module, target);
  }

  private static String numbered(String pattern, OptionalInt number) {
    return number.isEmpty() ? pattern : pattern.replace(".N.", "." + number.getAsInt() + ".");
  }

  /** Empty where a tensor has not the rows of which the table knows a part. */
  private static Optional<Rows> rows(TensorInfo tensor, List<Rows.Run> runs) {
    long rows = tensor.shape().rows();
    return runs.stream().allMatch(run -> run.end() <= rows)
        ? Optional.of(new Rows(tensor.key(), runs, rows))
        : Optional.empty();
  }

  private Target target(
      TensorInfo tensor,
      Rows rows,
      Component component,
      Block block,
      String kohyaName,
      String diffusersName) {
    long[] dims = tensor.shape().dims();
    if (dims.length > 0) {
      dims[0] = rows.count();
    }
    return new Target(
        rows,
        Shape.of(dims),
        false,
        bias(tensor, rows),
        component,
        block,
        kohyaName,
        diffusersName);
  }

  private Optional<Rows> bias(TensorInfo tensor, Rows rows) {
    return TransformerNames.moduleOf(tensor.key())
        .flatMap(module -> model.find(module + ".bias"))
        .filter(bias -> bias.shape().rows() == rows.tensorRows())
        .map(bias -> new Rows(bias.key(), rows.runs(), rows.tensorRows()));
  }
}
