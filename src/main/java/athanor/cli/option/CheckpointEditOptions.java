package athanor.cli.option;

import athanor.error.Problem;
import athanor.recipe.InputRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command that writes a checkpoint made from another one. */
public final class CheckpointEditOptions {
  @Option(
      names = "--vae",
      paramLabel = "FILE",
      description = {
        "Replace or add the VAE: that of a file of its own",
        "(original or diffusers names) or of a checkpoint."
      })
  private @Nullable String vae;

  @Option(
      names = {"--fix-positions", "--fix_positions"},
      description = "Write damaged position_ids of text encoders as 0 to 76.")
  private boolean fixPositions;

  /**
   * Checks that nothing was asked for that needs a checkpoint.
   *
   * @throws athanor.error.AthanorException of kind USAGE otherwise
   */
  public void refuseWithoutBase() {
    if (vae != null || fixPositions) {
      throw Problem.usage(
              (vae != null ? "--vae" : "--fix-positions")
                  + " changes a checkpoint, and none is given")
          .help("give the checkpoint: --base FILE; a LoRA has neither VAE nor position_ids")
          .toException();
    }
  }

  public Optional<InputRequest> vae() {
    return Optional.ofNullable(vae).map(InputRequest::new);
  }

  public boolean fixPositions() {
    return fixPositions;
  }
}
