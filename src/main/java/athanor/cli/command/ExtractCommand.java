package athanor.cli.command;

import athanor.cli.help.Examples;
import athanor.cli.option.OutputOptions;
import athanor.cli.option.ToolOptions;
import athanor.cli.report.LoraSummary;
import athanor.cli.terminal.Screen;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.job.ExtractRequest;
import athanor.job.session.FileJob;
import athanor.merge.lora.extract.ExtractionOptions;
import athanor.merge.plan.Precision;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code athanor extract}: a LoRA from two checkpoints. */
@Command(
    name = "extract",
    mixinStandardHelpOptions = true,
    description = {
      "Makes the LoRA that turns one checkpoint into another, as far as its rank allows. Says how"
          + " exact it is.",
      ""
    })
@Examples({
  "athanor extract --base sd15.safetensors --tuned style.safetensors \\",
  "                --out style-lora.safetensors --rank 64",
  "athanor extract --model_org sd15.safetensors --model_tuned style.safetensors \\",
  "                --save_to style-lora.safetensors --dim 64 --conv_dim 32 \\",
  "                --save_precision fp16"
})
public final class ExtractCommand implements Callable<Integer> {
  @Option(
      names = {"--base", "--model_org", "--model-org"},
      paramLabel = "FILE",
      description = "The checkpoint that the other was made from, a file or a link.")
  private @Nullable String base;

  @Option(
      names = {"--tuned", "--model_tuned", "--model-tuned"},
      paramLabel = "FILE",
      description = "The checkpoint whose difference is wanted, a file or a link.")
  private @Nullable String tuned;

  @Option(
      names = {"--rank", "--dim"},
      paramLabel = "N",
      description = "Rank of linear layers and 1×1 convolutions.")
  private @Nullable Integer rank;

  @Option(
      names = {"--conv-rank", "--conv_rank", "--conv_dim", "--conv-dim"},
      paramLabel = "N",
      description = "Also extract the residual blocks; rank of their 3×3 convolutions.")
  private @Nullable Integer convRank;

  @Option(
      names = {"--clamp_quantile", "--clamp-quantile"},
      paramLabel = "Q",
      description =
          "Cut the factors off at this quantile of their signed values, as kohya's script does with"
              + " 0.99. Default: no clamp, which is more exact.")
  private @Nullable Double clampQuantile;

  @Option(
      names = {"--min_diff", "--min-diff"},
      paramLabel = "D",
      description =
          "Leave the text encoders out if no weight of theirs differs by more; default"
              + " ${DEFAULT-VALUE}.")
  private double minDiff = ExtractionOptions.DEFAULT_MIN_DIFF;

  @Option(
      names = {"--load_precision", "--load-precision"},
      paramLabel = "P",
      description = "The precision of the difference: float (default), fp16 or bf16.")
  private @Nullable String loadPrecision;

  @Option(names = "--sdxl", description = "Accepted for kohya's sake; the files decide.")
  private boolean sdxl;

  @Option(names = "--v2", description = "Accepted for kohya's sake; the files decide.")
  private boolean v2;

  @Option(
      names = {"--v_parameterization", "--v-parameterization"},
      description = "The tuned checkpoint predicts v; written into the metadata.")
  private boolean predictsV;

  @Option(
      names = {"--no_metadata", "--no-metadata"},
      description = "Write only the metadata that programs need to load the LoRA.")
  private boolean noMetadata;

  @Option(
      names = {"--load_original_model_to", "--load-original-model-to"},
      paramLabel = "DEVICE",
      description = "Accepted for kohya's sake; the CPU does the work.")
  private @Nullable String originalDevice;

  @Option(
      names = {"--load_tuned_model_to", "--load-tuned-model-to"},
      paramLabel = "DEVICE",
      description = "Accepted for kohya's sake; the CPU does the work.")
  private @Nullable String tunedDevice;

  @Mixin private ToolOptions tool = new ToolOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  private final CommandContext context;

  ExtractCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    ExtractionOptions options = options();
    String baseFile = required("--base", base);
    String tunedFile = required("--tuned", tuned);
    OutputTarget target = tool.target(screen);
    noteDevice("--load_original_model_to", originalDevice, screen);
    noteDevice("--load_tuned_model_to", tunedDevice, screen);
    var job =
        FileJob.extract(
            baseFile,
            tunedFile,
            (original, other) ->
                new ExtractRequest(original, other, options, v2, sdxl, predictsV, !noMetadata),
            target,
            context.settings(tool.threads()));
    new LoraSummary(screen).printExtracted(context.run(job, screen));
    return 0;
  }

  private static void noteDevice(String option, @Nullable String device, Screen screen) {
    if (device != null && !device.equals("cpu")) {
      screen.note(option + " " + device + " is accepted, but the CPU does the work");
    }
  }

  private ExtractionOptions options() {
    ResizeCommand.requirePositive("--rank", rank);
    ResizeCommand.requirePositive("--conv-rank", convRank);
    if (rank == null) {
      throw Problem.usage("no rank was given")
          .help("say how much the LoRA may hold: --rank 64")
          .toException();
    }
    if (clampQuantile != null && !(clampQuantile > 0 && clampQuantile <= 1)) {
      throw Problem.usage("a quantile is above 0 and at most 1")
          .at("--clamp_quantile")
          .found(clampQuantile)
          .toException();
    }
    if (!(minDiff >= 0)) {
      throw Problem.usage("a difference is not negative")
          .at("--min_diff")
          .found(minDiff)
          .toException();
    }
    return options(rank);
  }

  private ExtractionOptions options(int linearRank) {
    boolean plain = loadPrecision == null || loadPrecision.toLowerCase(Locale.ROOT).equals("none");
    return new ExtractionOptions(
        linearRank,
        convRank == null ? OptionalInt.empty() : OptionalInt.of(convRank),
        clampQuantile == null ? OptionalDouble.empty() : OptionalDouble.of(clampQuantile),
        minDiff,
        plain ? Precision.FLOAT : ToolOptions.precision("--load_precision", "" + loadPrecision),
        tool.loraPrecision());
  }

  private static String required(String option, @Nullable String file) {
    if (file == null) {
      throw Problem.usage("one checkpoint is missing")
          .expected(option + " FILE")
          .help("athanor extract --base A --tuned B --out lora.safetensors --rank 64")
          .toException();
    }
    return file;
  }
}
