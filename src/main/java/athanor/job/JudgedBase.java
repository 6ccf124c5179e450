package athanor.job;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterMatch;
import athanor.error.AthanorException;
import athanor.job.input.InputKinds;
import athanor.model.CheckpointByName;
import athanor.model.CheckpointModel;
import athanor.model.Recognition;
import athanor.model.TargetIndex;
import athanor.tensor.StateDict;
import java.util.List;
import java.util.function.Supplier;

/** What the base of a merge is. */
final class JudgedBase {
  private JudgedBase() {}

  /**
   * The checkpoint that a file is. One of an architecture without tables is known by its keys
   * alone; that is enough where every module of every LoRA is one of its weights.
   *
   * @param loras the open LoRAs; asked only about such a base
   * @throws AthanorException of kind INCOMPATIBLE as {@link
   *     InputKinds#requireCheckpoint(StateDict)}
   */
  static CheckpointModel of(StateDict base, Supplier<List<StateDict>> loras) {
    try {
      return InputKinds.requireCheckpoint(base);
    } catch (AthanorException e) {
      boolean isUnknown =
          switch (Recognition.of(base.tensors())) {
            case Recognition.Unknown _, Recognition.Unsupported _ -> true;
            default -> false;
          };
      CheckpointByName model = CheckpointByName.of(base.tensors());
      if (isUnknown && model.traits().isEmpty() && fitsAll(model, loras.get())) {
        return model;
      }
      throw e;
    }
  }

  private static boolean fitsAll(CheckpointModel model, List<StateDict> loras) {
    TargetIndex targets = TargetIndex.of(model);
    return !loras.isEmpty()
        && loras.stream()
            .allMatch(file ->
                AdapterFile.looksLikeAdapter(file.tensors())
                    && AdapterMatch.of(AdapterFile.of(file), model, targets)
                        .refusal(false)
                        .isEmpty());
  }
}
