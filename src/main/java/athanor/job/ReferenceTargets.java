package athanor.job;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterMatch;
import athanor.error.Problem;
import athanor.model.Architecture;
import athanor.model.Architectures;
import athanor.model.CheckpointModel;
import athanor.model.LoraArchitecture;
import athanor.model.Recognition;
import athanor.model.ReferenceCheckpoint;
import athanor.model.TargetIndex;
import java.util.List;

/**
 * The modules of a complete checkpoint of the architecture that a LoRA is for, where there is no
 * checkpoint to ask.
 *
 * @param architecture the architecture
 * @param index its modules under all their names
 */
record ReferenceTargets(Architecture architecture, TargetIndex index) {

  /**
   * Those for a LoRA.
   *
   * @param warnings receives a guess, where the LoRA fits several architectures
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if its architecture is unknown or
   *     cannot be merged
   */
  static ReferenceTargets of(AdapterFile file, List<String> warnings) {
    Architecture architecture =
        switch (file.madeFor()) {
          case LoraArchitecture.Certain certain -> certain.architecture();
          case LoraArchitecture.OneOf several -> likeliest(several, file, warnings);
          case LoraArchitecture.Undetermined unknown ->
              throw Problem.incompatible("the architecture of this LoRA is unknown")
                  .at(file.name())
                  .found(unknown.evidence())
                  .expected("a LoRA for a model such as " + Architectures.mergeable())
                  .toException();
        };
    return TargetIndex.ofReference(architecture)
        .map(index -> new ReferenceTargets(architecture, index))
        .orElseThrow(() ->
            Problem.incompatible("names of " + architecture.label() + " are not supported yet")
                .at(file.name())
                .expected("a LoRA for a model such as " + Architectures.mergeable())
                .toException());
  }

  private static Architecture likeliest(
      LoraArchitecture.OneOf several, AdapterFile file, List<String> warnings) {
    Architecture first = several.candidates().getFirst();
    warnings.add(
        file.name()
            + ": "
            + several.evidence()
            + "; taken as one for "
            + first.label()
            + ", the likeliest");
    return first;
  }

  /** The modules of the file with their places in such a checkpoint. */
  AdapterMatch match(AdapterFile file) {
    return AdapterMatch.of(file, model(architecture), index);
  }

  /** A complete checkpoint of an architecture that can be merged. */
  static CheckpointModel model(Architecture architecture) {
    var tensors = ReferenceCheckpoint.of(architecture).orElseThrow();
    return ((Recognition.Checkpoint) Recognition.of(tensors)).model();
  }
}
