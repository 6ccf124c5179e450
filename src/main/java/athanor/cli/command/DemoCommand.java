package athanor.cli.command;

import athanor.cli.option.OutputOptions;
import athanor.cli.report.CompatibilityTable;
import athanor.cli.report.MergeSummary;
import athanor.cli.terminal.ProgressDisplay;
import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Sizes;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.job.DemoFiles;
import athanor.job.PreparedMerge;
import athanor.job.session.JobEvent;
import athanor.job.session.JobListener;
import athanor.job.session.MergeJob;
import athanor.kernel.Kernels;
import athanor.merge.method.mix.Sum;
import athanor.merge.plan.MergeOptions;
import athanor.progress.Progress;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraInput;
import athanor.recipe.LoraRequest;
import athanor.recipe.MergeRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code athanor demo}: makes small files, checks and merges them, and shows the commands. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = "Makes a small base and two LoRAs, merges them, and shows how it was done.")
public final class DemoCommand implements Callable<Integer> {
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      description = "Where the files go; default: ${DEFAULT-VALUE}.")
  private Path folder = Path.of("athanor-demo");

  private final CommandContext context;

  DemoCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    Kernels kernels = Kernels.create();
    createFolder();
    var files = new DemoFiles(kernels, folder);
    Path base = files.writeBase();
    LoraInput pixel = new LoraInput(files.writeKohyaLora(), 0.6);
    LoraInput ink = new LoraInput(files.writeDiffusersLora(), 0.4);
    Path merged = folder.resolve("demo-merged.safetensors");
    screen.note("made a part of an SD 1.5 checkpoint and two LoRAs in " + folder);
    var request =
        new MergeRequest(
            Optional.of(new InputRequest(base.toString())),
            List.of(LoraRequest.of(pixel), LoraRequest.of(ink)),
            Optional.empty(),
            false,
            MergeOptions.defaults(),
            new Sum(),
            false);
    show(screen, "athanor check --base " + base + " " + argument(pixel) + " " + argument(ink));
    var job =
        new MergeJob(
            request,
            OutputTarget.of(merged, true),
            context.settings(Runtime.getRuntime().availableProcessors()));
    String command =
        "athanor merge --base %s %s %s --out %s"
            .formatted(base, argument(pixel), argument(ink), merged);
    try (var progress = ProgressDisplay.on(screen)) {
      job.run(new Shown(screen, progress, command), context.cancellation());
    }
    sayHowToRemove(screen, List.of(base, pixel.file(), ink.file(), merged));
    return 0;
  }

  /**
   * Prints the verdict and the result, and between them the command that leads from one to the
   * other.
   */
  private record Shown(Screen screen, Progress progress, String command) implements JobListener {
    @Override
    public void hear(JobEvent event) {
      switch (event) {
        case JobEvent.Judged(PreparedMerge merge, JobEvent.Moment _) -> {
          new CompatibilityTable(screen).print(merge);
          show(screen, command);
        }
        case JobEvent.Merged merged ->
            new MergeSummary(screen).print(merged.inputs(), merged.report());
        default -> {}
      }
    }
  }

  private void sayHowToRemove(Screen screen, List<Path> files) {
    long bytes = 0;
    for (Path file : files) {
      bytes += file.toFile().length();
    }
    boolean isWindows = System.getProperty("os.name", "").startsWith("Windows");
    screen.note(
        "the files take %s; to remove them: %s %s"
            .formatted(Sizes.bytes(bytes), isWindows ? "rmdir /s" : "rm -r", folder));
  }

  private static void show(Screen screen, String command) {
    if (!screen.isJson()) {
      screen.result("");
      screen.result("$ " + command);
    }
  }

  private static String argument(LoraInput lora) {
    return lora.file() + "@" + Sizes.ratio(lora.strength().ratio());
  }

  private void createFolder() {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw Problem.usage("the folder for the demo cannot be made (" + e.getMessage() + ")")
          .at(folder.toString())
          .help("choose another: --dir FOLDER")
          .toException(e);
    }
  }
}
