package athanor.cli.command;

import athanor.cli.help.Examples;
import athanor.cli.option.OutputOptions;
import athanor.cli.option.ToolOptions;
import athanor.cli.report.LoraSummary;
import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Sizes;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.job.session.FileJob;
import athanor.merge.lora.resize.RankRule;
import athanor.merge.lora.resize.ResizeOptions;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code athanor resize}: gives a LoRA other ranks. */
@Command(
    name = "resize",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a LoRA smaller: the best approximation of another rank, of a rank for each module, or"
          + " of a file size. With --rank alone also LoHa, LoKr and full differences, which become"
          + " pairs. Says how exact the result is.",
      ""
    },
    footer = {
      "Methods, with their parameter --param P:",
      "  sv_ratio       keep singular values above the largest / P, for example 10",
      "  sv_fro         keep this share of the Frobenius norm, for example 0.95",
      "  sv_cumulative  keep this share of the sum of the values, for example 0.9"
    })
@Examples({
  "athanor resize big.safetensors --out small.safetensors --rank 32",
  "athanor resize big.safetensors --out small.safetensors \\",
  "               --method sv_fro --param 0.95",
  "athanor resize big.safetensors --out small.safetensors --target-size 50MB",
  "athanor resize https://civitai.com/models/123 --out small.safetensors --rank 32",
  "athanor resize --model big.safetensors --save_to small.safetensors \\",
  "               --new_rank 16 --save_precision fp16 \\",
  "               --dynamic_method sv_ratio --dynamic_param 10"
})
public final class ResizeCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "FILE", description = "The LoRA, a file or a link.")
  private @Nullable String file;

  @Option(names = "--model", paramLabel = "FILE", description = "The LoRA, in kohya's spelling.")
  private @Nullable String model;

  @Option(
      names = {"--rank", "--new_rank", "--new-rank"},
      paramLabel = "N",
      description = "The new rank; with a method or a size, the most a module gets.")
  private @Nullable Integer rank;

  @Option(
      names = {"--conv-rank", "--conv_rank", "--new_conv_rank", "--new-conv-rank"},
      paramLabel = "N",
      description = "The same for convolutions; default: as --rank.")
  private @Nullable Integer convRank;

  @Option(
      names = {"--method", "--dynamic_method", "--dynamic-method"},
      paramLabel = "NAME",
      description = "sv_ratio, sv_fro or sv_cumulative: a rank for each module.")
  private RankRule.@Nullable Method method;

  @Option(
      names = {"--param", "--dynamic_param", "--dynamic-param"},
      paramLabel = "P",
      description = "The parameter of the method.")
  private @Nullable Double parameter;

  @Option(
      names = {"--target-size", "--target_size"},
      paramLabel = "SIZE",
      description = "The most the file may take, such as 50MB: ranks with the least error for it.")
  private @Nullable String targetSize;

  @Mixin private ToolOptions tool = new ToolOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  private final CommandContext context;

  ResizeCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    String input = input();
    ResizeOptions options = options();
    OutputTarget target = tool.target(screen);
    var job = FileJob.resize(input, options, target, context.settings(tool.threads()));
    new LoraSummary(screen).printResized(context.run(job, screen));
    return 0;
  }

  private String input() {
    if (file != null && model != null) {
      throw Problem.usage("the LoRA is given both with --model and without").toException();
    }
    String input = file == null ? model : file;
    if (input == null) {
      throw Problem.usage("no LoRA was given")
          .help("athanor resize big.safetensors --out small.safetensors --rank 32")
          .toException();
    }
    return input;
  }

  private ResizeOptions options() {
    requirePositive("--rank", rank);
    requirePositive("--conv-rank", convRank);
    OptionalLong bytes =
        targetSize == null ? OptionalLong.empty() : OptionalLong.of(Sizes.parse(targetSize));
    if (bytes.isPresent() && method != null) {
      throw Problem.usage("--target-size and --method exclude each other").toException();
    }
    RankRule rule = rule();
    if (rule instanceof RankRule.Fixed && bytes.isEmpty() && rank == null) {
      throw Problem.usage("how small should the LoRA become?")
          .expected("--rank N, --method NAME --param P, or --target-size SIZE")
          .help("for example --rank 32; athanor inspect shows the rank it has")
          .toException();
    }
    int most = rank == null ? ResizeOptions.UNLIMITED : rank;
    return new ResizeOptions(
        rule, most, convRank == null ? most : convRank, bytes, tool.loraPrecision());
  }

  private RankRule rule() {
    if (method == null) {
      if (parameter != null) {
        throw Problem.usage("--param without --method")
            .expected("--method sv_ratio, sv_fro or sv_cumulative")
            .toException();
      }
      return new RankRule.Fixed();
    }
    if (parameter == null) {
      throw Problem.usage("--method " + method + " needs its parameter")
          .help("for example --param " + (method == RankRule.Method.SV_RATIO ? "10" : "0.95"))
          .toException();
    }
    boolean ratio = method == RankRule.Method.SV_RATIO;
    boolean sound = ratio ? parameter >= 1 : parameter > 0 && parameter <= 1;
    if (!sound || !Double.isFinite(parameter)) {
      throw Problem.usage("the parameter of " + method + " is out of range")
          .at("--param")
          .found(parameter)
          .expected(ratio ? "a number from 1 on" : "a share, above 0 and at most 1")
          .toException();
    }
    return new RankRule.Dynamic(method, parameter);
  }

  static void requirePositive(String option, @Nullable Integer value) {
    if (value != null && value < 1) {
      throw Problem.usage("a rank is at least 1").at(option).found(value).toException();
    }
  }
}
