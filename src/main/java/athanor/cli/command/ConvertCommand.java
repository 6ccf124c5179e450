package athanor.cli.command;

import athanor.cli.option.OutputOptions;
import athanor.cli.option.ToolOptions;
import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Sizes;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.job.ConvertOptions;
import athanor.job.ConvertReport;
import athanor.job.session.FileJob;
import athanor.merge.lora.LoraFormat;
import athanor.report.ConvertedFile;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code athanor convert}: type, container and spelling of a file. */
@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    description = {
      "Converts a checkpoint or a LoRA: its types, its container (.safetensors, .ckpt, several"
          + " files into one), the names of a LoRA. What is not asked for stays byte for byte.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  athanor convert model.ckpt --out model.safetensors",
      "  athanor convert model.safetensors --out small.safetensors --save_precision fp16 \\",
      "                  --prune-ema",
      "  athanor convert model.safetensors.index.json --out model.safetensors",
      "  athanor convert hf:user/repo/model.ckpt --out model.safetensors",
      "  athanor convert lora.safetensors --out diffusers.safetensors --format peft"
    })
public final class ConvertCommand implements Callable<Integer> {
  @Parameters(
      arity = "1",
      paramLabel = "FILE",
      description = {
        "A checkpoint, a LoRA, or the index of a model in several files;",
        "a file or a link."
      })
  private @Nullable String file;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      description = "Names of a LoRA: kohya or peft (which diffusers reads).")
  private @Nullable String format;

  @Option(
      names = {"--prune-ema", "--prune_ema"},
      description = "Leave out the moving averages of a trainer (model_ema.*).")
  private boolean pruneEma;

  @Option(
      names = {"--no_metadata", "--no-metadata"},
      description = "Leave the text metadata out.")
  private boolean noMetadata;

  @Option(
      names = {"--allow-non-finite", "--allow_non_finite"},
      description = "Write the result even if values became infinite.")
  private boolean allowNonFinite;

  @Mixin private ToolOptions tool = new ToolOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  private final CommandContext context;

  ConvertCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    if (file == null) {
      throw Problem.usage("no file was given").toException();
    }
    var options =
        new ConvertOptions(
            tool.anyPrecision(),
            Optional.ofNullable(format).map(ConvertCommand::parse),
            pruneEma,
            !noMetadata,
            allowNonFinite);
    OutputTarget target = tool.target(screen);
    var job = FileJob.convert(file, options, target, context.settings(tool.threads()));
    print(screen, context.run(job, screen));
    return 0;
  }

  private static LoraFormat parse(String name) {
    return LoraFormat.parse(name)
        .orElseThrow(() ->
            Problem.usage("unknown format")
                .at("--format")
                .found("'" + name + "'")
                .expected("kohya or peft")
                .toException());
  }

  private static void print(Screen screen, ConvertReport report) {
    report.warnings().forEach(screen::warn);
    ConvertedFile made = ConvertedFile.of(report);
    if (screen.isJson()) {
      screen.result(made);
      return;
    }
    screen.result(
        made.output()
            + ": "
            + Sizes.bytes(made.bytes())
            + " (before: "
            + Sizes.bytes(made.bytesBefore())
            + "), "
            + made.convertedTensors()
            + " of "
            + made.tensors()
            + " tensors converted"
            + (made.droppedTensors() == 0 ? "" : ", " + made.droppedTensors() + " left out")
            + ", in "
            + Sizes.time(made.seconds()));
  }
}
