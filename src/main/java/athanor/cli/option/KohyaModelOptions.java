package athanor.cli.option;

import athanor.cli.help.InGroup;
import athanor.cli.help.OptionGroup;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * What kohya's {@code merge_models.py} has beside {@code --models} and {@code --ratios}: with
 * {@code --output} the models are checkpoints, and not LoRAs.
 */
@InGroup(OptionGroup.KOHYA)
public final class KohyaModelOptions {
  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "As --out, for --models that are checkpoints: as in kohya's merge_models.py.")
  private @Nullable String output;

  @Option(
      names = {"--unet_only", "--unet-only"},
      description = "With --output: mix the UNet only; the rest is that of the first model.")
  private boolean unetOnly;

  @Option(
      names = {"--saving_precision", "--saving-precision"},
      paramLabel = "P",
      description = "As --save_precision; here too the default is that of the first model.")
  private @Nullable String savingPrecision;

  @Option(
      names = {"--show_skipped", "--show-skipped"},
      description = "Accepted for kohya's sake: what is left out is always said.")
  private boolean showSkipped;

  /** Where the mix goes; empty if the models are no checkpoints. */
  public Optional<String> output() {
    return Optional.ofNullable(output);
  }

  /** Whether only the UNet is mixed. */
  public boolean unetOnly() {
    return unetOnly;
  }

  /** In which precision the result is stored. */
  public Optional<String> savingPrecision() {
    return Optional.ofNullable(savingPrecision);
  }

  /** Says what has no effect. */
  public void note(Consumer<String> notes) {
    if (showSkipped) {
      notes.accept("--show_skipped has no effect: what is left out is always said");
    }
  }
}
