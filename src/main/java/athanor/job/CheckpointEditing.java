package athanor.job;

import athanor.error.Problem;
import athanor.merge.plan.AverageFate;
import athanor.merge.plan.PlannedEdits;
import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.Component;
import athanor.model.PositionIds;
import athanor.model.Trait;
import athanor.model.vae.Autoencoder;
import athanor.recipe.CheckpointEdits;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The edits of a checkpoint, judged against it.
 *
 * @param planned what will be done
 * @param warnings what the user should know
 * @param summary what is done, in sentences without a full stop
 */
record CheckpointEditing(PlannedEdits planned, List<String> warnings, List<String> summary) {

  /** Copies the lists. */
  CheckpointEditing {
    warnings = List.copyOf(warnings);
    summary = List.copyOf(summary);
  }

  /**
   * Judges edits; reads a few hundred bytes of the base.
   *
   * @param fate what becomes of a moving average
   * @param mixes whether checkpoints are mixed in, which never go into a moving average
   * @param open opens the VAE file and sees to its closing
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if the VAE does not fit; of kind
   *     BAD_FILE if a file cannot be read
   */
  static CheckpointEditing of(
      CheckpointEdits wanted,
      AverageFate fate,
      boolean mixes,
      StateDict base,
      CheckpointModel model,
      Function<Path, StateDict> open) {
    List<String> warnings = new ArrayList<>();
    List<String> summary = new ArrayList<>();
    Optional<PlannedEdits.Vae> vae =
        wanted.vae().map(path -> vae(open.apply(path), base, model, warnings, summary));
    if (vae.isEmpty() && model.has(Trait.NO_VAE)) {
      warnings.add(base.name() + " has no VAE, and neither has the result; --vae FILE adds one");
    }
    Set<String> fixed = positions(wanted.fixPositions(), base, model, warnings, summary);
    average(fate, mixes, base, model, warnings, summary);
    return new CheckpointEditing(new PlannedEdits(vae, fixed, fate), warnings, summary);
  }

  private static PlannedEdits.Vae vae(
      StateDict file,
      StateDict base,
      CheckpointModel model,
      List<String> warnings,
      List<String> summary) {
    Architecture architecture = model.architecture();
    if (architecture.facts().vae().isEmpty()) {
      throw Problem.incompatible(
              "a VAE cannot be put into a checkpoint of " + architecture.label() + " yet")
          .at(base.name())
          .help("leave out --vae and load the VAE beside the result")
          .toException();
    }
    if (architecture.facts().table().isPresent() && model.denoiserPrefix().isEmpty()) {
      throw Problem.incompatible("a VAE cannot be put into a file that holds a transformer alone")
          .at(base.name())
          .expected("a checkpoint with everything in one file")
          .help("leave out --vae and load the VAE beside the result")
          .toException();
    }
    Autoencoder vae = Autoencoder.of(file, architecture.facts().vaeChannels());
    vae.checkpoint()
        .filter(other -> !other.sharesVaeWith(architecture))
        .ifPresent(other -> {
          throw wrongArchitecture(file, other, architecture).toException();
        });
    Optional<Architecture> claimed =
        Autoencoder.claimedBy(file.name()).filter(other -> !other.sharesVaeWith(architecture));
    if (vae.checkpoint().isEmpty() && claimed.isPresent()) {
      warnings.add(
          file.name()
              + " seems to be the VAE of "
              + claimed.get().label()
              + ", and "
              + base.name()
              + " is "
              + architecture.label()
              + ": the shapes are the same, but the images would be wrong");
    }
    summary.add(
        (model.has(Trait.NO_VAE) ? "VAE added from " : "VAE replaced by that of ")
            + file.name()
            + " ("
            + vae.checkpoint()
                .map(other -> "a checkpoint, " + other.label())
                .orElse(vae.naming().label())
            + ")");
    return new PlannedEdits.Vae(file, vae);
  }

  private static void average(
      AverageFate fate,
      boolean mixes,
      StateDict base,
      CheckpointModel model,
      List<String> warnings,
      List<String> summary) {
    long tensors =
        model.tensors().stream()
            .filter(tensor -> model.componentOf(tensor.key()) == Component.EMA)
            .count();
    switch (fate) {
      case LEFT_OUT ->
          summary.add(
              tensors == 0
                  ? "no moving average (EMA) to leave out"
                  : "the moving average (EMA) of the UNet left out (" + tensors + " tensors)");
      case MERGED_TOO -> mergedAverage(base, model, warnings, summary);
      case KEPT -> {
        if (model.has(Trait.EMA)) {
          warnings.add(
              base.name()
                  + " holds a moving average (EMA) of the UNet, which "
                  + (mixes
                      ? "stays as it is; image programs do not read it: --prune-ema leaves it out"
                      : "stays without the LoRAs; image programs do not read it: --prune-ema leaves"
                          + " it out, --ema-too merges them into it as well"));
        }
      }
    }
  }

  private static void mergedAverage(
      StateDict base, CheckpointModel model, List<String> warnings, List<String> summary) {
    List<TensorInfo> denoiser =
        model.tensors().stream()
            .filter(tensor -> model.componentOf(tensor.key()) == Component.UNET)
            .toList();
    long averages = denoiser.stream().filter(one -> model.averageOf(one).isPresent()).count();
    if (averages == 0) {
      summary.add("no moving average (EMA) to merge the LoRAs into");
      return;
    }
    summary.add(
        "the moving average (EMA) of the UNet gets the same LoRAs (" + averages + " tensors)");
    if (averages < denoiser.size()) {
      warnings.add(
          base.name()
              + ": "
              + (denoiser.size() - averages)
              + " of "
              + denoiser.size()
              + " tensors of the UNet have no moving average (EMA) of their shape");
    }
  }

  private static Problem wrongArchitecture(
      StateDict file, Architecture found, Architecture expected) {
    return Problem.incompatible("this VAE is of another kind of model")
        .at(file.name())
        .found("the VAE of a checkpoint of " + found.label())
        .expected("one for " + expected.label())
        .help("give a VAE that was made for " + expected.label());
  }

  private static Set<String> positions(
      boolean fix,
      StateDict base,
      CheckpointModel model,
      List<String> warnings,
      List<String> summary) {
    List<PositionIds.Damage> damaged = PositionIds.damaged(base, model);
    if (!fix) {
      for (PositionIds.Damage damage : damaged) {
        warnings.add(
            base.name()
                + ", "
                + damage.key()
                + ": "
                + damage.what()
                + "; kept as they are, --fix-positions puts them right");
      }
      return Set.of();
    }
    for (PositionIds.Damage damage : damaged) {
      summary.add(damage.key() + " put right (" + damage.what() + ")");
    }
    if (damaged.isEmpty()) {
      summary.add("no damaged position_ids to fix");
    }
    return damaged.stream().map(PositionIds.Damage::key).collect(Collectors.toSet());
  }
}
