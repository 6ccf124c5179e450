package athanor.cli;

import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.format.StateDicts;
import athanor.format.TensorComparison;
import athanor.job.Rebuilding;
import athanor.job.input.InputFolders;
import athanor.recipe.MergeRequest;
import athanor.report.RebuiltFile;
import athanor.tensor.Container;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code athanor rebuild}: a merged file again, from the recipe in it. */
@Command(
    name = "rebuild",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a merged file again from the recipe inside it; proves that every tensor is the same.",
      "Its inputs are looked for by name beside it, in --inputs and here, else fetched from their"
          + " links. Without --out nothing is kept.",
      ""
    },
    footer = {"", "Example:", "  athanor rebuild mine.safetensors --inputs ~/models"})
final class RebuildCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "FILE", description = "A file that Athanor merged.")
  private @Nullable Path file;

  @Option(
      names = "--inputs",
      paramLabel = "FOLDER",
      description = "Where its inputs are. Can be given several times.")
  private List<Path> inputs = new ArrayList<>();

  @Mixin private ResultOptions result = new ResultOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  private final CommandContext context;

  RebuildCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    if (file == null) {
      throw Problem.usage("no file was given")
          .help("athanor rebuild mine.safetensors")
          .toException();
    }
    result.noteDevice(screen);
    try (StateDict original = StateDicts.open(file);
        var progress = ProgressDisplay.on(screen)) {
      MergeRequest request = Rebuilding.request(Rebuilding.recipeIn(original), folders(file));
      List<TensorComparison> proof = new ArrayList<>();
      OutputTarget target =
          target(file, original)
              .examined(made ->
                  proof.add(Rebuilding.prove(original, made, progress, context.cancellation())));
      target.refuseInputs(original.files());
      Screen aside = result.out().isPresent() ? screen.aside() : screen.withoutResults();
      new MergeSession(context, aside, result.threads()).run(request, target);
      print(RebuiltFile.of(original.name(), proof.getFirst(), result.out()), screen);
    }
    return 0;
  }

  private InputFolders folders(Path original) {
    List<Path> folders = new ArrayList<>(inputs);
    folders.add(InputFolders.of(original));
    folders.add(Path.of("").toAbsolutePath());
    return new InputFolders(folders);
  }

  private OutputTarget target(Path original, StateDict file) {
    return result
        .out()
        .map(result::target)
        .orElseGet(() -> OutputTarget.of(beside(original, file), true).discarded());
  }

  /** A name beside the original that nothing will ever have. */
  private static Path beside(Path original, StateDict file) {
    String extension = file.container() == Container.SAFETENSORS ? ".safetensors" : ".ckpt";
    return original.resolveSibling(original.getFileName() + ".rebuilt" + extension);
  }

  private static void print(RebuiltFile made, Screen screen) {
    if (screen.isJson()) {
      screen.result(made);
      return;
    }
    screen.result(
        made.file()
            + ": rebuilt from its recipe, and every byte of its "
            + made.tensors()
            + " tensors ("
            + Sizes.bytes(made.bytes())
            + ") is the same"
            + made.output().map(out -> "; written to " + out).orElse(""));
  }
}
