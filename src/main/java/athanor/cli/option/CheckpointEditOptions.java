package athanor.cli.option;

import athanor.cli.help.InGroup;
import athanor.cli.help.OptionGroup;
import athanor.error.Problem;
import athanor.merge.plan.AverageFate;
import athanor.recipe.InputRequest;
import athanor.recipe.OptionsForm;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command that writes a checkpoint made from another one. */
@InGroup(OptionGroup.CHECKPOINT)
public final class CheckpointEditOptions {
  @Option(
      names = "--vae",
      paramLabel = "FILE",
      description =
          "Replace or add the VAE: that of a file of its own (original or diffusers names) or of a"
              + " checkpoint.")
  private @Nullable String vae;

  @Option(
      names = {"--fix-positions", "--fix_positions"},
      description = "Write damaged position_ids of text encoders as 0 to 76.")
  private boolean fixPositions;

  @Option(
      names = {"--prune-ema", "--prune_ema"},
      description = "Leave out the moving average (EMA) of the UNet.")
  private boolean pruneEma;

  @Option(
      names = {"--ema-too", "--ema_too"},
      description = "Merge the LoRAs into the moving average (EMA) of the UNet as well.")
  private boolean emaToo;

  /**
   * Checks that nothing was asked for that needs a checkpoint.
   *
   * @throws athanor.error.AthanorException of kind USAGE otherwise
   */
  public void refuseWithoutBase() {
    if (vae != null || fixPositions || pruneEma || emaToo) {
      String option =
          vae != null
              ? "--vae"
              : fixPositions ? "--fix-positions" : pruneEma ? "--prune-ema" : "--ema-too";
      throw Problem.usage(option + " changes a checkpoint, and none is given")
          .help("give the checkpoint: --base FILE; a LoRA has no VAE, position_ids or EMA")
          .toException();
    }
  }

  public Optional<InputRequest> vae() {
    return Optional.ofNullable(vae).map(InputRequest::new);
  }

  public boolean fixPositions() {
    return fixPositions;
  }

  /**
   * What becomes of the moving average of the weights.
   *
   * @throws athanor.error.AthanorException of kind USAGE if it is to be left out and changed
   */
  public AverageFate average() {
    return OptionsForm.average(pruneEma, emaToo);
  }
}
