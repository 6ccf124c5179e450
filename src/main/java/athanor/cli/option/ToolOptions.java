package athanor.cli.option;

import athanor.cli.help.InGroup;
import athanor.cli.help.OptionGroup;
import athanor.cli.terminal.Screen;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.merge.plan.Precision;
import athanor.merge.plan.StoredType;
import athanor.tensor.DType;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that resize, extract and convert have in common. */
@InGroup(OptionGroup.RESULT)
public final class ToolOptions {
  @Mixin private ResultOptions result = new ResultOptions();

  @Option(
      names = {"--save_precision", "--save-precision"},
      paramLabel = "P",
      description = "Stored weights: float, fp16 or bf16 (convert: also fp8_e4m3, fp8_e5m2).")
  private @Nullable String savePrecision;

  public int threads() {
    return result.threads();
  }

  /** The output, checked as far as it can be before anything is read. */
  public OutputTarget target(Screen screen) {
    OutputTarget target = result.target("result.safetensors");
    result.noteDevice(screen);
    return target;
  }

  /** The stored type of a LoRA's factors; empty if none was asked for. */
  public Optional<DType> loraPrecision() {
    return wished().map(name -> precision("--save_precision", name).dtype());
  }

  /** The stored type of any file's weights; empty if none was asked for. */
  public Optional<DType> anyPrecision() {
    return wished()
        .map(name ->
            StoredType.parse(name)
                .orElseThrow(() -> unknown("--save_precision", name, StoredType.NAMES)));
  }

  private Optional<String> wished() {
    return Optional.ofNullable(savePrecision)
        .filter(name -> !name.toLowerCase(Locale.ROOT).equals("none"));
  }

  public static Precision precision(String option, String name) {
    return Precision.parse(name).orElseThrow(() -> unknown(option, name, Precision.NAMES));
  }

  private static RuntimeException unknown(String option, String name, String expected) {
    return Problem.usage("unknown precision")
        .at(option)
        .found("'" + name + "'")
        .expected(expected)
        .toException();
  }
}
