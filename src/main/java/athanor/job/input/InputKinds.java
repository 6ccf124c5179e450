package athanor.job.input;

import athanor.adapter.AdapterFile;
import athanor.error.Problem;
import athanor.model.Architectures;
import athanor.model.CheckpointModel;
import athanor.model.Recognition;
import athanor.model.Trait;
import athanor.tensor.StateDict;

/** Says what a file is instead, when it was given as something that it is not. */
public final class InputKinds {
  private InputKinds() {}

  /**
   * The checkpoint that a file is.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if it is a LoRA, a checkpoint of an
   *     architecture that cannot be merged yet, another known kind of file, or unknown
   */
  public static CheckpointModel requireCheckpoint(StateDict file) {
    return requireCheckpoint(file, "base");
  }

  /** As {@link #requireCheckpoint(StateDict)}, for a file that is called {@code role}. */
  public static CheckpointModel requireCheckpoint(StateDict file, String role) {
    if (AdapterFile.looksLikeAdapter(file.tensors())) {
      Problem problem =
          Problem.incompatible("the " + role + " is a LoRA, not a checkpoint")
              .at(file.name())
              .expected("a checkpoint: a model of " + Architectures.usualSizes());
      throw (role.equals("base")
              ? problem.help("give the checkpoint as --base and this file after it, as a LoRA")
              : problem.help("a LoRA goes on top of a checkpoint: --base A " + file.name() + "@1"))
          .toException();
    }
    return switch (Recognition.of(file.tensors())) {
      case Recognition.Checkpoint(CheckpointModel model) -> requireUnscaled(model, file);
      case Recognition.Unsupported unsupported ->
          throw Problem.incompatible(
                  unsupported.architecture().label() + " checkpoints are not supported yet")
              .at(file.name())
              .expected("a checkpoint such as of " + Architectures.mergeable())
              .toException();
      case Recognition.Quantised quantised ->
          throw Problem.incompatible("quantised checkpoints cannot be merged into")
              .at(file.name())
              .found(quantised.what())
              .expected("plain fp16, bf16, fp32 or fp8 weights")
              .help(quantised.advice())
              .toException();
      case Recognition.NotACheckpoint other ->
          throw Problem.incompatible("the " + role + " is not a checkpoint")
              .at(file.name())
              .found(other.what())
              .help(other.advice())
              .toException();
      case Recognition.Unknown unknown ->
          throw Problem.incompatible("the " + role + " is of an unknown architecture")
              .at(file.name())
              .found(unknown.looksLike())
              .expected("a checkpoint such as of " + Architectures.mergeable())
              .toException();
    };
  }

  /**
   * The checkpoint that a file is, beside another one of the same architecture.
   *
   * @param role what it is called
   * @throws athanor.error.AthanorException as {@link #requireCheckpoint(StateDict, String)}; of
   *     kind INCOMPATIBLE if it is of another architecture or layout than {@code model}, naming
   *     both
   */
  public static CheckpointModel requireCompanion(
      StateDict file, String role, StateDict base, CheckpointModel model) {
    CheckpointModel other = requireCheckpoint(file, role);
    if (!other.architecture().equals(model.architecture())) {
      throw Problem.incompatible("these checkpoints are of different architectures")
          .at(file.name())
          .found(other.architecture().label())
          .expected(model.architecture().label() + ", as " + base.name())
          .help("only checkpoints of one architecture can be mixed or compared")
          .toException();
    }
    requireSameLayout(file, other, base, model);
    return other;
  }

  /**
   * Refuses a checkpoint whose tensors lie in another layout than those of the one beside it.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if it does
   */
  public static void requireSameLayout(
      StateDict file, CheckpointModel other, StateDict base, CheckpointModel model) {
    if (other.layout().equals(model.layout())) {
      return;
    }
    String wanted = model.layout().orElseThrow();
    throw Problem.incompatible("these checkpoints name and fuse their weights differently")
        .at(file.name())
        .found("the layout " + other.layout().orElseThrow())
        .expected("the layout " + wanted + ", as " + base.name())
        .help(
            "athanor convert "
                + file.name()
                + " --layout "
                + wanted
                + " --out "
                + wanted
                + ".safetensors")
        .toException();
  }

  private static CheckpointModel requireUnscaled(CheckpointModel model, StateDict file) {
    if (model.has(Trait.SCALED_WEIGHTS)) {
      throw Problem.incompatible("checkpoints with scaled fp8 weights are not supported yet")
          .at(file.name())
          .expected("plain fp16, bf16, fp32 or fp8 weights")
          .help("use an fp16 version of this checkpoint")
          .toException();
    }
    return model;
  }

  /** Why a file without any adapter keys cannot be used as a LoRA. */
  public static Problem notALora(StateDict file) {
    String found =
        switch (Recognition.of(file.tensors())) {
          case Recognition.Checkpoint(CheckpointModel model) ->
              "a checkpoint (" + model.architecture().label() + ")";
          case Recognition.Unsupported unsupported ->
              "a checkpoint (" + unsupported.architecture().label() + ")";
          case Recognition.Quantised quantised -> quantised.what();
          case Recognition.NotACheckpoint other -> other.what();
          case Recognition.Unknown unknown -> unknown.looksLike();
        };
    if (Recognition.of(file.tensors()) instanceof Recognition.NotACheckpoint other
        && other.isLora()) {
      return strangeLora(file, other);
    }
    Problem problem =
        Problem.incompatible("this file was given as a LoRA, but it is none")
            .at(file.name())
            .found(found);
    return found.startsWith("a checkpoint")
        ? problem.help(
            "give it as --base; a merge can also mix it in: --mix " + file.name() + "@0.5")
        : problem.help("leave it out");
  }

  /** A LoRA that the formats do not know, though its kind may be known by name. */
  private static Problem strangeLora(StateDict file, Recognition.NotACheckpoint kind) {
    Problem problem =
        Problem.incompatible("this LoRA cannot be merged: nothing in it is of a known format")
            .at(file.name());
    return kind.what().equals("a LoRA")
        ? problem
            .found("keys such as " + file.tensors().iterator().next().key())
            .help("ask the page that it is from which program loads it, and whether it has another")
        : problem.found(kind.what()).help(kind.advice());
  }
}
