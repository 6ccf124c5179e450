package athanor.cli.command;

import athanor.cli.help.Examples;
import athanor.cli.option.OutputOptions;
import athanor.cli.option.ToolOptions;
import athanor.cli.report.MergeSummary;
import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Sizes;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.job.ConvertOptions;
import athanor.job.ConvertReport;
import athanor.job.session.FileJob;
import athanor.merge.lora.LoraFormat;
import athanor.merge.method.RankLimits;
import athanor.report.ConvertedFile;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code athanor convert}: type, container, spelling and format of a file. */
@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    description = {
      "Converts a checkpoint or a LoRA: its types, its container (.safetensors, .ckpt, several"
          + " files into one), the names of a LoRA, or a LoHa, LoKr or full difference into a LoRA."
          + " What is not asked for stays byte for byte.",
      ""
    })
@Examples({
  "athanor convert model.ckpt --out model.safetensors",
  "athanor convert model.safetensors --out small.safetensors --save_precision fp16 \\",
  "                --prune-ema",
  "athanor convert model.safetensors.index.json --out model.safetensors",
  "athanor convert hf:user/repo/model.ckpt --out model.safetensors",
  "athanor convert flux.safetensors --out transformer.safetensors --layout diffusers",
  "athanor convert lora.safetensors --out diffusers.safetensors --format peft",
  "athanor convert lokr.safetensors --out lora.safetensors --to lora --rank 64"
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
      description = {
        "Names of a LoRA: " + LoraFormat.NAMES + ". diffusers",
        "reads peft. Fused modules are split and parts joined as the names ask."
      })
  private @Nullable String format;

  @Option(
      names = "--to",
      paramLabel = "FORMAT",
      description = "lora: plain low-rank pairs of a LoHa, LoKr or full difference.")
  private @Nullable String to;

  @Option(
      names = "--rank",
      paramLabel = "N",
      description = "With --to lora: the most a module gets; exact up to it, else the nearest.")
  private @Nullable Integer rank;

  @Option(
      names = {"--conv-rank", "--conv_rank"},
      paramLabel = "N",
      description = "As --rank, for convolutions larger than 1x1.")
  private @Nullable Integer convRank;

  @Option(
      names = "--keep",
      paramLabel = "SHARE",
      description = "With --to lora: the lowest ranks that keep this share of the energy.")
  private @Nullable Double keep;

  @Option(
      names = "--layout",
      paramLabel = "NAME",
      description = {
        "Names and fused modules of a transformer's checkpoint: original (as published, or as"
            + " ComfyUI has them) or diffusers. Exact in both directions."
      })
  private @Nullable String layout;

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
            allowNonFinite,
            asLora(),
            Optional.ofNullable(layout).map(name -> name.toLowerCase(Locale.ROOT)));
    OutputTarget target = tool.target(screen);
    var job = FileJob.convert(file, options, target, context.settings(tool.threads()));
    print(screen, context.run(job, screen));
    return 0;
  }

  private Optional<RankLimits> asLora() {
    ResizeCommand.requirePositive("--rank", rank);
    ResizeCommand.requirePositive("--conv-rank", convRank);
    if (keep != null && !(keep > 0 && keep <= 1)) {
      throw Problem.usage("a share is above 0 and at most 1")
          .at("--keep")
          .found(keep)
          .toException();
    }
    if (to == null) {
      if (rank != null || convRank != null || keep != null) {
        throw Problem.usage("--rank, --conv-rank and --keep are for a change of format")
            .help("add --to lora; to change the rank of a LoRA: athanor resize")
            .toException();
      }
      return Optional.empty();
    }
    if (!to.toLowerCase(Locale.ROOT).equals("lora")) {
      throw Problem.usage("unknown format")
          .at("--to")
          .found("'" + to + "'")
          .expected("lora")
          .toException();
    }
    if (pruneEma) {
      throw Problem.usage("--prune-ema is about checkpoints, --to about LoRAs").toException();
    }
    return Optional.of(
        new RankLimits(
            rank == null ? OptionalInt.empty() : OptionalInt.of(rank),
            convRank == null ? OptionalInt.empty() : OptionalInt.of(convRank),
            keep == null ? OptionalDouble.empty() : OptionalDouble.of(keep)));
  }

  private static LoraFormat parse(String name) {
    return LoraFormat.parse(name)
        .orElseThrow(() ->
            Problem.usage("unknown format")
                .at("--format")
                .found("'" + name + "'")
                .expected(LoraFormat.NAMES)
                .toException());
  }

  private void print(Screen screen, ConvertReport report) {
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
            + tensors(made)
            + (made.droppedTensors() == 0 ? "" : ", " + made.droppedTensors() + " left out")
            + ", in "
            + Sizes.time(made.seconds()));
    made.error()
        .ifPresent(error -> screen.result("  " + MergeSummary.text(error, "the whole effect")));
  }

  /** What became of the tensors: new names, new types. */
  private String tensors(ConvertedFile made) {
    boolean renamed = format != null && to == null;
    if (layout != null && made.convertedTensors() == 0) {
      return made.tensors() + " tensors in the layout " + layout + ", types unchanged";
    }
    if (renamed && made.convertedTensors() == 0) {
      return made.tensors() + " tensors renamed, types unchanged";
    }
    return made.convertedTensors()
        + " of "
        + made.tensors()
        + " tensors converted"
        + (renamed ? ", all renamed" : "");
  }
}
