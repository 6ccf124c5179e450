package athanor.cli;

import athanor.error.Problem;
import athanor.hub.Link;
import athanor.job.RemoteInputs;
import athanor.recipe.CheckpointEdits;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command that writes a checkpoint made from another one. */
final class CheckpointEditOptions {
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
  void refuseWithoutBase() {
    if (vae != null || fixPositions) {
      throw Problem.usage(
              (vae != null ? "--vae" : "--fix-positions")
                  + " changes a checkpoint, and none is given")
          .help("give the checkpoint: --base FILE; a LoRA has neither VAE nor position_ids")
          .toException();
    }
  }

  /** Whether the VAE is given as a link. */
  boolean nameLink() {
    return vae != null && Link.looksLikeLink(vae);
  }

  /**
   * Finds the VAE if it is given as a link and puts a path in its place, which {@code remote} can
   * open.
   *
   * @throws athanor.error.AthanorException as {@link RemoteInputs#find}
   */
  void locate(RemoteInputs remote) {
    if (vae != null && Link.looksLikeLink(vae)) {
      vae = Objects.requireNonNull(remote.find(List.of(vae)).get(vae)).toString();
    }
  }

  CheckpointEdits edits() {
    return new CheckpointEdits(Optional.ofNullable(vae).map(Path::of), fixPositions);
  }
}
