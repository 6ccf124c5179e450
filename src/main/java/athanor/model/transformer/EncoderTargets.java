package athanor.model.transformer;

import athanor.model.CheckpointModel;
import athanor.model.Target;
import athanor.model.naming.ComponentNames;
import athanor.model.naming.Dialect;
import athanor.model.naming.ModuleNames;
import athanor.model.naming.ModuleScope;
import athanor.tensor.Rows;
import athanor.tensor.TensorInfo;

/** Makes the targets of a text encoder beside a transformer, under the names of Hugging Face. */
final class EncoderTargets {
  private EncoderTargets() {}

  /** The modules of an encoder. */
  static ModuleScope of(CheckpointModel model, EncoderTable encoder) {
    ComponentNames naming = encoder.names();
    var scope = new ModuleScope(naming.flat(), naming.dotted());
    for (TensorInfo tensor : model.tensors()) {
      if (tensor.key().startsWith(encoder.prefix())) {
        ParameterNames.weightOf(tensor.key().substring(encoder.prefix().length()))
            .ifPresent(module -> add(model, tensor, module, encoder, scope));
      }
    }
    return scope;
  }

  private static void add(
      CheckpointModel model,
      TensorInfo tensor,
      String module,
      EncoderTable encoder,
      ModuleScope scope) {
    String name = EncoderTable.shortened(module).orElse(module);
    var target =
        new Target(
            Rows.whole(tensor),
            tensor.shape(),
            false,
            TransformerTargets.bias(tensor, Rows.whole(tensor), model),
            encoder.component(),
            encoder.block(),
            ModuleNames.NONE
                .and(Dialect.KOHYA, encoder.names().kohya() + ModuleScope.flatten(name))
                .and(Dialect.DIFFUSERS, encoder.names().diffusers() + module)
                .and(Dialect.COMFY, encoder.names().comfy().map(prefix -> prefix + module))
                .and(
                    Dialect.ONETRAINER,
                    encoder
                        .names()
                        .oneTrainer()
                        .map(prefix -> prefix + ModuleScope.flatten(module))));
    scope.add(module, target);
    scope.add(name, target);
    scope.addExact(encoder.prefix() + module, target);
  }
}
