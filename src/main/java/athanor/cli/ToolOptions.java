package athanor.cli;

import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.format.OutputFormat;
import athanor.recipe.Precision;
import athanor.recipe.StoredType;
import athanor.tensor.DType;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that resize, extract and convert have in common. */
final class ToolOptions {
  @Option(
      names = {"--out", "-o", "--save_to", "--save-to"},
      paramLabel = "FILE",
      description = "The result, .safetensors or .ckpt.")
  private @Nullable Path out;

  @Option(
      names = {"--save_precision", "--save-precision"},
      paramLabel = "P",
      description = "Stored weights: float, fp16 or bf16 (convert: also fp8_e4m3, fp8_e5m2).")
  private @Nullable String savePrecision;

  @Option(names = "--overwrite", description = "Replace the output if it exists.")
  private boolean overwrite;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Workers; default: one per processor. The result is the same.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "Accepted for kohya's sake; the CPU does the work.")
  private @Nullable String device;

  int threads() {
    return threads;
  }

  /** The output, checked as far as it can be before anything is read. */
  OutputTarget target(Screen screen) {
    if (out == null) {
      throw Problem.usage("no output was given")
          .help("say where the result goes: --out result.safetensors")
          .toException();
    }
    if (threads < 1) {
      throw Problem.usage("--threads must be at least 1").found(threads).toException();
    }
    if (device != null && !device.equals("cpu")) {
      screen.note("--device " + device + " is accepted, but the CPU does the work");
    }
    OutputFormat.of(out);
    return OutputTarget.of(out, overwrite);
  }

  /** The stored type of a LoRA's factors; empty if none was asked for. */
  Optional<DType> loraPrecision() {
    return wished().map(name -> precision("--save_precision", name).dtype());
  }

  /** The stored type of any file's weights; empty if none was asked for. */
  Optional<DType> anyPrecision() {
    return wished()
        .map(name ->
            StoredType.parse(name)
                .orElseThrow(() -> unknown("--save_precision", name, StoredType.NAMES)));
  }

  private Optional<String> wished() {
    return Optional.ofNullable(savePrecision)
        .filter(name -> !name.toLowerCase(Locale.ROOT).equals("none"));
  }

  static Precision precision(String option, String name) {
    return Precision.parse(name).orElseThrow(() -> unknown(option, name, "float, fp16 or bf16"));
  }

  private static RuntimeException unknown(String option, String name, String expected) {
    return Problem.usage("unknown precision")
        .at(option)
        .found("'" + name + "'")
        .expected(expected)
        .toException();
  }
}
